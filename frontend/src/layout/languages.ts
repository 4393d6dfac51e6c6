/** A language is named in itself, so that who got lost in the other one finds back. */
export const NAMES: Record<string, string> = { 'zh-CN': '简体中文', en: 'English' }
