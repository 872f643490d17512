/** The light build of hls.js: the same class without subtitles, alternate audio and encryption. */
declare module 'hls.js/light' {
  export { default } from 'hls.js'
}

/** The words of a page, a loader per language (`web/words.ts`). */
declare module 'virtual:words/*' {
  export type Key = keyof typeof import('../../src/rostra/words/en.json')
  export type Catalogue = Record<Key, string>
  export const CATALOGUES: Record<string, () => Promise<{ default: Catalogue }>>
}

/**
 * The same functions, in a copy of their own: a module that two kinds of page share would be a file of its own,
 * which every listener had to ask for.
 */
declare module '*/times?home' {
  export type TimeWords = import('./words/times').TimeWords
  export const shortText: typeof import('./words/times').shortText
  export const viewersText: typeof import('./words/times').viewersText
}

declare module '*/times?backstage' {
  export type TimeWords = import('./words/times').TimeWords
  export const timeText: typeof import('./words/times').timeText
  export const momentText: typeof import('./words/times').momentText
  export const shortText: typeof import('./words/times').shortText
  export const viewersText: typeof import('./words/times').viewersText
  export const zoneText: typeof import('./words/times').zoneText
}

declare module '*/times?rescheduled' {
  export const bothTexts: typeof import('./words/times').bothTexts
  export const momentText: typeof import('./words/times').momentText
  export const zoneText: typeof import('./words/times').zoneText
}

declare module '*/moments?backstage' {
  export const until: typeof import('./event/moments').until
  export const untilText: typeof import('./event/moments').untilText
}

declare module '*/begun?backstage' {
  export const begunAt: typeof import('./event/begun').begunAt
}

declare module '*/remembered?backstage' {
  export const chosen: typeof import('./event/remembered').chosen
  export const remembered: typeof import('./event/remembered').remembered
}

declare module '*/media-source?backstage' {
  export const MediaSourceClass: typeof import('./player/media-source').MediaSourceClass
}
