/** Reporting what one hears, or sees: a sheet that is loaded when somebody wants it. Keeps their words until they are stored. */

import '../event/look/sheet.css'
import './report.css'
import { CATALOGUES } from 'virtual:words/report'
import { make, say } from '../event/dom'
import { until, untilText } from '../event/moments'
import type { Status, Told } from '../event/status'
import type { Person } from '../player/events'
import type { Player } from '../player/player'
import { locale, speak, t } from '../words/words'
import { peopleAt } from './people'
import { secondOf } from './second'
import { send } from './send'

export interface Case {
  /** Where reports go. */
  address: string
  status: Status
  /** As they stand on the page. */
  notices: Told[]
  /** On stage while the page watched. */
  everyone: Person[]
  audio: HTMLAudioElement
  player: Player | null
}

const GROUNDS = ['harassment', 'hate', 'threat', 'privacy', 'deception', 'illegal', 'spam', 'else'] as const
const LONGEST = 1000
const MOST_SHOWN = 60

/** The sheet whose report is on its way, or was answered while it was closed. */
let unseen: Sheet | null = null

/** Show the sheet; resolves once it is open. */
export async function openReport(report: Case): Promise<void> {
  if (unseen) return unseen.show()
  const at_s = secondOf(report)
  await speak(CATALOGUES)
  const { replay } = report.status
  new Sheet(report, at_s, replay ? await peopleAt(replay.hls, at_s) : report.everyone).show()
}

class Sheet {
  readonly #node: HTMLDialogElement
  readonly #said = make('p', { class: 'notice', role: 'alert', hidden: true })
  readonly #subject: HTMLSelectElement
  readonly #grounds: HTMLSelectElement
  /** The same however often it is sent: a report whose answer was lost is not stored twice. */
  readonly #token = secret()
  readonly #text = make('textarea', { id: 'report-text', rows: 4, maxlength: LONGEST, 'data-testid': 'report-text' })
  readonly #send = make('button', { class: 'button', 'data-testid': 'report-send' }, t('report.send'))

  constructor(
    private readonly report: Case,
    private readonly at_s: number,
    people: Person[],
  ) {
    this.#subject = make('select', { 'data-testid': 'report-subject' }, ...this.#subjects(people))
    this.#grounds = make('select', { required: true, onchange: () => this.#grounds.removeAttribute('aria-invalid'), 'data-testid': 'report-grounds' },
      make('option', { value: '' }, t('report.grounds')),
      ...GROUNDS.map((each) => make('option', { value: each }, t(`report.grounds.${each}`))))
    this.#node = make('dialog', { class: 'sheet report', 'aria-labelledby': 'report-title', 'data-testid': 'report-sheet' }, this.#form())
    this.#node.addEventListener('close', () => this.#node.remove())
  }

  show(): void {
    if (!this.#send.disabled) unseen = null
    document.body.append(this.#node)
    this.#node.showModal()
  }

  #form(): HTMLElement {
    const into = until(this.at_s * 1000, locale)
    const at = into ? t('report.at', { time: untilText(into) }) : ''
    return make('form', { novalidate: true, onsubmit: (event) => void this.#submit(event) },
      make('h2', { id: 'report-title' }, t('report.title')),
      make('p', { class: 'small' }, t('report.what'), ' ', at),
      make('label', {}, make('span', {}, t('report.subject')), this.#subject),
      make('label', {}, make('span', {}, t('report.grounds')), this.#grounds),
      make('label', { for: 'report-text' }, make('span', {}, t('report.text'))),
      this.#text,
      this.#said,
      make('div', { class: 'deck' }, this.#send,
        make('button', { class: 'button plain', type: 'button', onclick: () => this.#node.close() }, t('report.close'))))
  }

  #subjects(people: Person[]): HTMLOptionElement[] {
    const { notices, status: { replay } } = this.report
    const option = (subject: string, id: string, words: string) => make('option', { value: `${subject}/${id}` }, words)
    return [
      option(replay ? 'recording' : 'space', '', t(replay ? 'report.subject.recording' : 'report.subject.space')),
      ...people.map(({ id, name }) => option('speaker', id, t('report.subject.one_speaker', { name }))),
      ...notices.map(({ id, text }) => option('notice', id, t('report.subject.one_notice', { text: shortened(text) }))),
    ]
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault()
    if (!this.#grounds.value) return this.#needGrounds()
    const [subject = '', id = ''] = this.#subject.value.split('/')
    this.#sending(true)
    this.#said.hidden = true
    const sent = await send(this.report.address, {
      subject, grounds: this.#grounds.value, at_s: this.at_s, text: this.#text.value.trim(), token: this.#token,
      ...(subject === 'speaker' ? { speaker: id } : subject === 'notice' ? { notice: id } : {}),
    })
    this.#sending(false)
    if (this.#node.open) unseen = null
    if ('follow' in sent) return this.#thank(sent.follow)
    this.#tell(t(sent.problem))
  }

  #sending(isOn: boolean): void {
    if (isOn) unseen = this
    this.#send.disabled = isOn
    say(this.#send, t(isOn ? 'report.sending' : 'report.send'))
  }

  /** In the page's words, where the browser would use its own. */
  #needGrounds(): void {
    this.#grounds.setAttribute('aria-invalid', 'true')
    this.#tell(t('report.grounds.missing'))
    this.#grounds.focus()
  }

  #tell(sentence: string): void {
    this.#said.hidden = false
    say(this.#said, sentence)
  }

  #thank(follow: string): void {
    const link = make('input', { type: 'text', readonly: true, value: follow, 'aria-label': t('report.link'), dir: 'ltr', 'data-testid': 'report-link' })
    const done = make('p', { class: 'small', role: 'status' })
    const copy = () => copied(link).then(() => say(done, t('report.copied')))
    const close = make('button', { class: 'button plain', type: 'button', autofocus: true, onclick: () => this.#node.close() }, t('report.close'))
    this.#node.replaceChildren(
      make('div', { role: 'status' }, make('h2', { id: 'report-title' }, t('report.thanks'))),
      make('p', {}, t('report.thanks.what')),
      link,
      make('div', { class: 'deck' },
        make('button', { class: 'button', type: 'button', onclick: () => void copy() }, t('report.copy')), close),
      make('p', { class: 'small' }, make('a', { href: follow, target: '_blank', rel: 'noopener' }, t('report.follow'))),
      done)
    close.focus()
  }
}

/** 192 random bits, as letters and digits. */
function secret(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(24)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function shortened(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN - 1)}…` : text
}

/** On plain HTTP there is no clipboard but the old way. */
async function copied(link: HTMLInputElement): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(link.value)
  link.select()
  document.execCommand('copy')
}
