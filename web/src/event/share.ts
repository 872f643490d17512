/** Passing the link on where the system has no sheet of its own: a small one with the card and a button that copies. Loaded then. */

import './look/sheet.css'
import { CATALOGUES } from 'virtual:words/share'
import { speak, t } from '../words/words'
import { make, say } from './dom'

/** Rejects when its words are not reached. */
export async function openSheet(url: string, card: string): Promise<void> {
  await speak(CATALOGUES)
  const link = make('input', { type: 'text', readonly: true, value: url, 'aria-label': t('event.link'), dir: 'ltr' })
  const done = make('p', { class: 'small', role: 'status' })
  const sheet = make('dialog', { class: 'sheet', 'aria-label': t('event.share') },
    make('img', { src: card, alt: '', width: 1200, height: 630 }),
    link,
    make('div', { class: 'deck' },
      make('button', { class: 'button', type: 'button', autofocus: true, onclick: () => copy(link).then(() => say(done, t('event.copied'))) }, t('event.copy')),
      make('button', { class: 'button plain', type: 'button', onclick: () => sheet.close() }, t('event.close'))),
    done)
  sheet.addEventListener('close', () => sheet.remove())
  document.body.append(sheet)
  sheet.showModal()
}

/** On plain HTTP there is no clipboard but the old way. */
async function copy(link: HTMLInputElement): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(link.value)
  link.select()
  document.execCommand('copy')
}
