/** The data saver's switch, remembered in this browser where it lets pages remember. */

import { remembered } from './remembered'

const KEY = 'rostra.data_saver'

export const saver = {
  get on(): boolean {
    return remembered(KEY) !== null
  },

  set on(saving: boolean) {
    remembered(KEY, saving ? '' : null)
  },
}
