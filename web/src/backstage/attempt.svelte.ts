/** One thing that a person does: busy while it runs, then done, or a sentence that says what went wrong. */

import { ApiError, sentence } from './api'

export class Attempt {
  busy = $state(false)
  problem = $state('')
  /** What the problem is with, by the API's name for it; empty where it is with nothing that was filled in. */
  field = $state('')
  /** What was done, as a sentence; empty before and after a failure. */
  done = $state('')

  /** What was said of it holds no more. */
  clear(): void {
    this.problem = this.field = this.done = ''
  }

  /** Do it; true when it worked. Never rejects. */
  async run(act: () => Promise<unknown>, done = ''): Promise<boolean> {
    this.busy = true
    this.clear()
    try {
      await act()
      this.done = done
      return true
    } catch (error) {
      this.problem = sentence(error)
      this.field = error instanceof ApiError ? error.field : ''
      return false
    } finally {
      this.busy = false
    }
  }
}
