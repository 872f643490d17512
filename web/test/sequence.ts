/** Numbers that look random and are the same in every run: xorshift, after Marsaglia (2003). */

export function sequence(seed: number): () => number {
  let state = seed * 2654435761 + 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
