import { createApp } from 'vue'
import { createPinia } from 'pinia'
import './theme/tokens.css'
import './theme/layout.css'
import App from './App.vue'
import { i18n, preferred, speak } from './i18n'
import { startTheme } from './theme/theme'
import { router } from './router'

startTheme()
await speak(preferred())
createApp(App).use(createPinia()).use(i18n).use(router).mount('#app')
