import { everyPage, world } from './look.mjs'

everyPage(world(), 'en', false)
