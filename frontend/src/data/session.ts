import { computed, ref } from 'vue'
import { defineStore } from 'pinia'
import { ApiError, del, get, post } from './client'

export type Role = 'admin' | 'enterprise' | 'sub_organization' | 'team_leader' | 'agent'

export interface SessionUser {
  id: number
  login: string
  role: Role
  organization_id: number
}

/** Who is logged in. */
export const useSession = defineStore('session', () => {
  const user = ref<SessionUser | null>(null)
  const known = ref(false)
  const isAdmin = computed(() => user.value?.role === 'admin')

  /** Asks the server once; a missing log-in is an answer, not a fault. */
  async function load(): Promise<void> {
    if (known.value) return
    try {
      user.value = (await get<{ user: SessionUser }>('/session', { anonymous: true })).user
    } catch (e) {
      if (!(e instanceof ApiError) || e.status !== 401) throw e
      user.value = null
    }
    known.value = true
  }

  async function login(name: string, password: string): Promise<void> {
    user.value = (await post<{ user: SessionUser }>('/session', { login: name, password }, { anonymous: true })).user
    known.value = true
  }

  async function logout(): Promise<void> {
    await del('/session', { anonymous: true })
    forget()
  }

  function forget(): void {
    user.value = null
    known.value = true
  }

  return { user, known, isAdmin, load, login, logout, forget }
})
