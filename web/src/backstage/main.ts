/** Backstage: where a site is set up, people are invited, conversations are scheduled, and people speak. */

import './backstage.css'
import { mount } from 'svelte'
import App from './App.svelte'
import { inWords } from './blanks'
import { keepFocus } from './focus'
import { loadWords } from './words.svelte'

const target = document.getElementById('app')
if (target) {
  void loadWords().then(() => {
    target.replaceChildren() // what the shell says to browsers that do not come this far
    inWords(document)
    keepFocus(document)
    mount(App, { target })
  })
}
