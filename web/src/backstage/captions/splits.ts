/** Where a line of captions that is being written is finished by itself. Pure. */

export const LONGEST = 300
/** Two lines on a phone. */
const COMFORTABLE = 84
const SHORTEST_SENTENCE = 12

/** How much of `text` is a finished line; 0: none yet. After a sentence, or at a word once it is long enough. */
export function splits(text: string): number {
  const sentence = /[.!?…。！？]["'”’»)]*\s/u.exec(text.slice(SHORTEST_SENTENCE))
  if (sentence) return SHORTEST_SENTENCE + sentence.index + sentence[0].length
  if (text.length <= COMFORTABLE) return 0
  const space = text.lastIndexOf(' ', COMFORTABLE)
  return space > 0 ? space + 1 : 0
}
