import { ref } from 'vue'

export type Theme = 'auto' | 'light' | 'dark'

const STORED = 'waihu.theme'

/** The choice of the user; auto follows the system. */
export const theme = ref<Theme>('auto')
/** Whether the page is dark now, for charts and waveforms that paint by themselves. */
export const dark = ref(false)

const system = () => window.matchMedia('(prefers-color-scheme: dark)')

function apply(): void {
  dark.value = theme.value === 'dark' || (theme.value === 'auto' && system().matches)
  document.documentElement.classList.toggle('dark', dark.value)
}

export function startTheme(): void {
  const stored = localStorage.getItem(STORED)
  if (stored === 'light' || stored === 'dark') theme.value = stored
  system().addEventListener('change', apply)
  apply()
}

export function setTheme(t: Theme): void {
  theme.value = t
  localStorage.setItem(STORED, t)
  apply()
}
