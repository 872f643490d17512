// Listens to what the page's own <audio> element plays and changes nothing about it. Given frequencies in Hz,
// returns their levels in dBFS over the last 0.7 s, and where the element is; null while nothing is loaded.
(frequencies) => {
  const all = [...document.querySelectorAll('audio')]
  const audio = all.find(one => one.srcObject && !one.paused) ?? all.find(one => one.srcObject || one.currentSrc)
  if (!audio) return null
  const ear = (window.__ear ??= {})
  const own = audio.srcObject instanceof MediaStream
  const track = (own ? audio.srcObject : (audio.__captured ??= audio.captureStream())).getAudioTracks().at(-1)  // the newest: each source has its own
  const state = { at_s: audio.currentTime, silenced: audio.paused || audio.muted || audio.volume === 0 }
  if (!track) return { ...state, levels: frequencies.map(() => -127) }

  ear.context ??= new AudioContext({ sampleRate: 48000 })
  if (ear.context.state !== 'running') void ear.context.resume()
  if (ear.track !== track) {
    ear.source?.disconnect()
    ear.source = ear.context.createMediaStreamSource(new MediaStream([track]))
    ear.analyser = new AnalyserNode(ear.context, { fftSize: 32768 })
    ear.source.connect(ear.analyser)
    ear.track = track
  }
  const samples = new Float32Array(ear.analyser.fftSize)
  ear.analyser.getFloatTimeDomainData(samples)
  const window_ = samples.map((_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / samples.length))
  const level = hz => {
    let re = 0, im = 0
    for (let n = 0; n < samples.length; n++) {
      const angle = (2 * Math.PI * hz * n) / ear.context.sampleRate
      re += samples[n] * window_[n] * Math.cos(angle)
      im += samples[n] * window_[n] * Math.sin(angle)
    }
    const amplitude = (4 * Math.hypot(re, im)) / samples.length
    return amplitude > 4.5e-7 ? 20 * Math.log10(amplitude) : -127
  }
  return { ...state, levels: frequencies.map(level) }
}
