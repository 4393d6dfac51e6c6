import type { Component } from 'vue'
import { adminPages } from './admin'
import { workPages } from './work'

export type Group = 'work' | 'material' | 'system'

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
}

export const pages: PageEntry[] = [...workPages, ...adminPages]
