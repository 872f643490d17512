/** The front of the house needs no script; with one, times are the viewer's too, and what changes shows by itself. */
import { Watch, type Paced } from '../door/watch'
import './home.css'
import { Lists } from './lists'
import { Lost } from './lost'
import { localise } from './times'

/** `/status.json`. */
interface Edition extends Paced {
  edition: string
}

localise(document)

const lists = new Lists()
const lost = new Lost(document.getElementById('lost')!, (words) => lists.announce(words))
new Watch<Edition>('/status.json', lists.poll_ms, {
  learned: ({ edition }) => edition !== lists.edition && void lists.renew(),
  unreachable: (state) => lost.tell(state),
  waits: () => false,
}).start()
