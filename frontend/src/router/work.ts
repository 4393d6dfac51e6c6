import { DataAnalysis, Document, List, Odometer, PhoneFilled, VideoPlay } from '@element-plus/icons-vue'
import type { PageEntry } from './pages'

/** The pages of daily work: campaigns, lists, results, call records, monitor. */
export const workPages: PageEntry[] = [
  { name: 'dashboard', path: '/', group: 'work', icon: Odometer, load: () => import('@/pages/dashboard/DashboardPage.vue') },
  { name: 'campaigns', path: '/campaigns', group: 'work', icon: VideoPlay, load: () => import('@/pages/campaigns/CampaignsPage.vue') },
  { name: 'campaignNew', path: '/campaigns/new', group: 'work', under: 'campaigns', load: () => import('@/pages/campaigns/WizardPage.vue') },
  { name: 'campaign', path: '/campaigns/:id(\\d+)', group: 'work', under: 'campaigns', load: () => import('@/pages/campaigns/CampaignPage.vue') },
  { name: 'campaignEdit', path: '/campaigns/:id(\\d+)/edit', group: 'work', under: 'campaigns', load: () => import('@/pages/campaigns/WizardPage.vue') },
  { name: 'lists', path: '/lists', group: 'work', icon: Document, load: () => import('@/pages/lists/ListsPage.vue') },
  { name: 'listImport', path: '/lists/import', group: 'work', under: 'lists', load: () => import('@/pages/lists/ImportPage.vue') },
  { name: 'results', path: '/results', group: 'work', icon: DataAnalysis, load: () => import('@/pages/results/ResultsPage.vue') },
  { name: 'attempts', path: '/attempts', group: 'work', icon: List, load: () => import('@/pages/attempts/AttemptsPage.vue') },
  { name: 'monitor', path: '/monitor', group: 'work', icon: PhoneFilled, load: () => import('@/pages/calls/MonitorPage.vue') },
]
