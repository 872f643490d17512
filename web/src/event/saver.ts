/** The data saver's switch, remembered in this browser where it lets pages remember. */

const KEY = 'rostra.data_saver'

export const saver = {
  get on(): boolean {
    try {
      return localStorage.getItem(KEY) !== null
    } catch {
      return false
    }
  },

  set on(saving: boolean) {
    try {
      if (saving) localStorage.setItem(KEY, '')
      else localStorage.removeItem(KEY)
    } catch {
      // Private windows and locked-down browsers: it holds for this visit.
    }
  },
}
