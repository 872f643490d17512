/** The data saver's switch. */

import { chosen } from './remembered'

export const saver = chosen('rostra.data_saver')
