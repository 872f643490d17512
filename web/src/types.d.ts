/** The light build of hls.js: the same class without subtitles, alternate audio and encryption. */
declare module 'hls.js/light' {
  export { default } from 'hls.js'
}
