/** Backstage: where a site is set up, conversations are scheduled, and people speak. One page, four screens. */

import './backstage.css'
import { mount } from 'svelte'
import App from './App.svelte'

const target = document.getElementById('app')
if (target) mount(App, { target })
