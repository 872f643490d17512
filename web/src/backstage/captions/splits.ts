/** Where a line of captions that is being written is finished by itself. Pure. */

export const LONGEST = 300
/** Two lines on a phone, in letters; a wide character takes the room of two. */
const COMFORTABLE = 84
const SHORTEST_SENTENCE = 12

const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60]/u
/** Written without spaces between words. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
/** A sentence is over once the next word begins: after a space, or at once where a script has none. */
const SENTENCE = /[.!?…。！？]["'”’»)」』）]*\s|[。！？]["'”’»)」』）]*(?=[^\s…。！？"'”’»)」』）])/u
const PAUSE = /[ \u3000、，；：]/g

/** How much of `text` is a finished line; 0: none yet. After a sentence, or at a word once it is long enough. */
export function splits(text: string): number {
  const short = within(text, SHORTEST_SENTENCE)
  const sentence = SENTENCE.exec(text.slice(short))
  if (sentence) return short + sentence.index + sentence[0].length
  const full = within(text, COMFORTABLE)
  if (full === text.length) return 0
  const pause = Math.max(0, ...Array.from(text.slice(0, full + 1).matchAll(PAUSE), ({ index }) => index + 1))
  return pause > full / 2 ? pause : Math.max(pause, lastWord(text, full))
}

/** How much of `text` takes the room of so many letters at most. */
function within(text: string, letters: number): number {
  let end = 0
  for (const character of text) {
    letters -= WIDE.test(character) ? 2 : character.length
    if (letters < 0) break
    end += character.length
  }
  return end
}

/** Where the last word of a script without spaces that begins by `most` does; 0: there is none. */
function lastWord(text: string, most: number): number {
  let found = 0
  for (const { index } of new Intl.Segmenter(undefined, { granularity: 'word' }).segment(text)) {
    if (index > most) break
    if (UNSPACED.test(text.charAt(index)) && UNSPACED.test(text.charAt(index - 1))) found = index
  }
  return found
}
