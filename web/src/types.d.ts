/** The light build of hls.js: the same class without subtitles, alternate audio and encryption. */
declare module 'hls.js/light' {
  export { default } from 'hls.js'
}

/** The words of a page, a loader per language (`web/words.ts`). */
declare module 'virtual:words/*' {
  export type Key = keyof typeof import('../../src/rostra/words/en.json')
  export type Catalogue = Record<Key, string>
  export const CATALOGUES: Record<string, () => Promise<Catalogue>>
}
