/** As much of an `<audio>` element as a player of HLS touches; it plays as soon as it is asked to. */
export class Audio extends EventTarget {
  src = ''
  paused = false
  currentTime = 0
  readyState = 4
  play = () => Promise.resolve()
  removeAttribute() {
    this.src = ''
  }
}
