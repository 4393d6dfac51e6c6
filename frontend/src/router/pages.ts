import type { Component } from 'vue'
import type { Role } from '@/data/session'
import { adminPages } from './admin'
import { staffPages } from './staff'
import { workPages } from './work'

export type Group = 'work' | 'staff' | 'material' | 'system'

/** One page of the application: its place, its name in menu.json, and who may see it. */
export interface PageEntry {
  name: string
  path: string
  group: Group
  load: () => Promise<Component | { default: Component }>
  icon?: Component
  /** Not in the menu: forms and details. The entry of this name is lit instead. */
  under?: string
  /** Only the platform administrator. */
  admin?: boolean
  /** Who may see it; left out: platform administrator and enterprise. */
  roles?: Role[]
}

export const pages: PageEntry[] = [...workPages, ...staffPages, ...adminPages]

const members: Role[] = ['admin', 'enterprise']

/** Whether a role may see a page. */
export function mayOpen(page: Pick<PageEntry, 'admin' | 'roles'>, role: Role | undefined): boolean {
  if (!role) return false
  return page.admin ? role === 'admin' : (page.roles ?? members).includes(role)
}

/** Where a role lands after the log-in: the first page of the menu that it may see. */
export function home(role: Role | undefined): string {
  return pages.find((p) => !p.under && mayOpen(p, role))?.path ?? '/forbidden'
}
