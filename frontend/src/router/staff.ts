import { Avatar, Cellphone, Connection } from '@element-plus/icons-vue'
import type { PageEntry } from './pages'

/** The pages of those who serve calls: queues, agents, extensions. */
export const staffPages: PageEntry[] = [
  { name: 'queues', path: '/queues', group: 'staff', icon: Connection, load: () => import('@/pages/queues/QueuesPage.vue') },
  { name: 'agents', path: '/agents', group: 'staff', icon: Avatar, load: () => import('@/pages/agents/AgentsPage.vue') },
  { name: 'extensions', path: '/extensions', group: 'staff', icon: Cellphone, load: () => import('@/pages/extensions/ExtensionsPage.vue') },
]
