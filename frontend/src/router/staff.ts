import { Avatar, Cellphone, Connection, Guide, PhoneFilled } from '@element-plus/icons-vue'
import type { PageEntry } from './pages'

/** The pages of those who serve calls: queues, agents, extensions. */
export const staffPages: PageEntry[] = [
  { name: 'queues', path: '/queues', group: 'staff', icon: Connection, load: () => import('@/pages/queues/QueuesPage.vue') },
  { name: 'agents', path: '/agents', group: 'staff', icon: Avatar, load: () => import('@/pages/agents/AgentsPage.vue') },
  { name: 'extensions', path: '/extensions', group: 'staff', icon: Cellphone, load: () => import('@/pages/extensions/ExtensionsPage.vue') },
  { name: 'flows', path: '/flows', group: 'staff', icon: Guide, load: () => import('@/pages/flows/FlowsPage.vue') },
  { name: 'flowNew', path: '/flows/new', group: 'staff', under: 'flows', load: () => import('@/pages/flows/FlowPage.vue') },
  { name: 'flow', path: '/flows/:id(\\d+)', group: 'staff', under: 'flows', load: () => import('@/pages/flows/FlowPage.vue') },
  { name: 'inbound', path: '/inbound-routes', group: 'staff', icon: PhoneFilled, load: () => import('@/pages/inbound/InboundPage.vue') },
]
