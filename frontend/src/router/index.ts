import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { whenLoggedOut } from '@/data/client'
import { useSession, type Role } from '@/data/session'
import { home, mayOpen, pages } from './pages'

declare module 'vue-router' {
  interface RouteMeta {
    admin?: boolean
    roles?: Role[]
    /** A page of the application, which asks for a role. */
    page?: boolean
    under?: string
    open?: boolean
  }
}

const inside: RouteRecordRaw[] = pages.map((p) => ({
  name: p.name, path: p.path, component: p.load, meta: { page: true, admin: p.admin, roles: p.roles, under: p.under ?? p.name },
}))

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { name: 'login', path: '/login', component: () => import('@/pages/LoginPage.vue'), meta: { open: true } },
    {
      path: '/', component: () => import('@/layout/AppShell.vue'), children: [
        ...inside,
        ...(inside.some((p) => p.path === '/') ? [] : [{ path: '', redirect: pages[0].path }]),
        { name: 'forbidden', path: '/forbidden', component: () => import('@/pages/ForbiddenPage.vue') },
        { name: 'missing', path: ':rest(.*)*', component: () => import('@/pages/MissingPage.vue') },
      ],
    },
  ],
})

router.beforeEach(async (to) => {
  const session = useSession()
  try {
    await session.load()
  } catch {
    // The server cannot be reached: the log-in page says so and tries again.
    return to.meta.open ? true : { name: 'login', query: { next: to.fullPath, lost: '1' } }
  }
  if (to.meta.open) return session.user ? { path: '/' } : true
  if (!session.user) return { name: 'login', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  if (!to.meta.page || mayOpen(to.meta, session.user.role)) return true
  return to.path === '/' ? { path: home(session.user.role) } : { name: 'forbidden' }
})

// A chunk that is gone means that a newer version was installed meanwhile: load the page afresh, once.
router.onError((e, to) => {
  if (!/dynamically imported module|Importing a module/.test(String(e)) || sessionStorage.getItem('waihu.reloaded') === to.fullPath) return
  sessionStorage.setItem('waihu.reloaded', to.fullPath)
  window.location.assign(to.fullPath)
})

whenLoggedOut(() => {
  const session = useSession()
  session.forget()
  const from = router.currentRoute.value
  if (!from.meta.open) void router.push({ name: 'login', query: { next: from.fullPath } })
})
