import { Phone } from '@element-plus/icons-vue'
import type { PageEntry } from './pages'

/** The pages of material to be approved and of the platform. */
export const adminPages: PageEntry[] = [
  { name: 'callers', path: '/caller-numbers', group: 'material', icon: Phone, load: () => import('@/pages/CallersPage.vue') },
]
