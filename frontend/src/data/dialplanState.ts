import { ref } from 'vue'
import { defineStore } from 'pinia'
import { readDialplan, type Dialplan } from './dialplan'

/** Whether what is saved is also live at the switch; the yellow bar and the dialplan page share it. */
export const useDialplan = defineStore('dialplan', () => {
  const state = ref<Dialplan | null>(null)

  async function refresh(): Promise<void> {
    try {
      state.value = await readDialplan()
    } catch {
      // The bar is a hint: without an answer it keeps what it knew, the page itself shows the fault.
    }
  }

  return { state, refresh }
})
