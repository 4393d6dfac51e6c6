import {
  CircleCheck, Connection, Headset, Key, Monitor, Phone, Remove, Search, Share, User,
} from '@element-plus/icons-vue'
import type { PageEntry } from './pages'

/** The pages of material to be approved and of the platform. */
export const adminPages: PageEntry[] = [
  { name: 'voice', path: '/voice-files', group: 'material', icon: Headset, load: () => import('@/pages/VoicePage.vue') },
  { name: 'callers', path: '/caller-numbers', group: 'material', icon: Phone, load: () => import('@/pages/CallersPage.vue') },
  { name: 'blacklist', path: '/blacklist', group: 'material', icon: Remove, load: () => import('@/pages/BlacklistPage.vue') },
  { name: 'why', path: '/why', group: 'material', icon: Search, load: () => import('@/pages/WhyPage.vue') },
  { name: 'approvals', path: '/approvals', group: 'system', icon: CircleCheck, admin: true, load: () => import('@/pages/ApprovalsPage.vue') },
  { name: 'trunks', path: '/trunks', group: 'system', icon: Connection, admin: true, load: () => import('@/pages/TrunksPage.vue') },
  { name: 'dialplan', path: '/dialplan', group: 'system', icon: Share, admin: true, load: () => import('@/pages/DialplanPage.vue') },
  { name: 'users', path: '/users', group: 'system', icon: User, admin: true, load: () => import('@/pages/UsersPage.vue') },
  { name: 'tokens', path: '/tokens', group: 'system', icon: Key, load: () => import('@/pages/TokensPage.vue') },
  { name: 'systemPage', path: '/system', group: 'system', icon: Monitor, admin: true, load: () => import('@/pages/SystemPage.vue') },
]
