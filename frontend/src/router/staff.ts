import { Avatar, Cellphone, ChatLineSquare, Connection, DataBoard, Finished, Guide, Headset, Microphone, PhoneFilled, Timer, View } from '@element-plus/icons-vue'
import type { Role } from '@/data/session'
import type { PageEntry } from './pages'

const leaders: Role[] = ['admin', 'enterprise', 'team_leader']

/** The pages of those who serve calls and of those who lead them. */
export const staffPages: PageEntry[] = [
  { name: 'supervision', path: '/supervision', group: 'staff', icon: View, roles: leaders, load: () => import('@/pages/supervision/SupervisionPage.vue') },
  { name: 'desk', path: '/desk', group: 'staff', icon: Headset, roles: ['agent', 'team_leader'], load: () => import('@/pages/desk/DeskPage.vue') },
  { name: 'wallboard', path: '/wallboard', group: 'staff', icon: DataBoard, roles: leaders, load: () => import('@/pages/supervision/WallboardPage.vue') },
  { name: 'recordings', path: '/recordings', group: 'staff', icon: Microphone, roles: leaders, load: () => import('@/pages/recordings/RecordingsPage.vue') },
  { name: 'messages', path: '/messages', group: 'staff', icon: ChatLineSquare, roles: leaders, load: () => import('@/pages/messages/MessagesPage.vue') },
  { name: 'agentTimes', path: '/agent-times', group: 'staff', icon: Timer, roles: leaders, load: () => import('@/pages/supervision/AgentTimesPage.vue') },
  { name: 'audit', path: '/audit', group: 'staff', icon: Finished, load: () => import('@/pages/supervision/AuditPage.vue') },
  { name: 'queues', path: '/queues', group: 'staff', icon: Connection, load: () => import('@/pages/queues/QueuesPage.vue') },
  { name: 'agents', path: '/agents', group: 'staff', icon: Avatar, load: () => import('@/pages/agents/AgentsPage.vue') },
  { name: 'extensions', path: '/extensions', group: 'staff', icon: Cellphone, load: () => import('@/pages/extensions/ExtensionsPage.vue') },
  { name: 'flows', path: '/flows', group: 'staff', icon: Guide, load: () => import('@/pages/flows/FlowsPage.vue') },
  { name: 'flowNew', path: '/flows/new', group: 'staff', under: 'flows', load: () => import('@/pages/flows/FlowPage.vue') },
  { name: 'flow', path: '/flows/:id(\\d+)', group: 'staff', under: 'flows', load: () => import('@/pages/flows/FlowPage.vue') },
  { name: 'inbound', path: '/inbound-routes', group: 'staff', icon: PhoneFilled, load: () => import('@/pages/inbound/InboundPage.vue') },
]
