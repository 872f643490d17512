/** Backstage's API: its documents, and one way to call it. Errors carry the sentence that a person reads. */

import type { RungName } from './door/door'
import { askForProof } from './proof.svelte'
import { say } from './words.svelte'

export interface Site {
  name: string
  /** Somebody has said what it is called. */
  named: boolean
  setup_needed: boolean
  door_url: string
  edge_url: string
  consent: Consent
  ice_servers?: string[]
  /** `#rrggbb`, or empty for the built-in accent. */
  color: string
  /** A `data:` address, or empty. */
  logo: string
  contact: string
  imprint: string
  terms: string
  open_sign_up: boolean
  /** Mails go out: whoever forgot their password can ask for a link. */
  mail: boolean
}

export type Lifecycle = 'scheduled' | 'lobby' | 'live' | 'ended' | 'held' | 'published' | 'deleted' | 'cancelled'
export type Visibility = 'public' | 'unlisted' | 'private'
export type RecordingPolicy = 'publish' | 'hold' | 'delete'
export type Role = 'host' | 'cohost' | 'speaker' | 'captioner'

/** A sentence that is accepted before the stage. */
export interface Consent {
  id: string
  text: string
}

export interface Notice {
  id: string
  text: string
  /** ISO 8601. */
  at: string
  author: string
  link: string
  /** Its permalink. */
  url: string
}

export interface Space {
  id: string
  state: Lifecycle
  title: string
  description: string
  host: string
  host_name: string
  host_handle: string
  /** ISO 8601, with the offset of the host's zone. */
  starts_at: string
  time_zone: string
  /** When it went live. */
  live_at: string | null
  event_url: string
  studio_url: string
  listeners: number
  estimated: boolean
  /** Why it ended; empty when the host ended it. */
  ended_reason: string
  visibility: Visibility
  has_passphrase: boolean
  recording_policy: RecordingPolicy
  notices: Notice[]
  /** The space where it goes on. */
  moved_to: string | null
  /** Why the operators hide it; empty while they do not. */
  hidden_reason: string
  /** Only for who may change the space, and only in its own document, not in lists. */
  invited: Invited[] | null
  locked: boolean
  locked_reason: string
  /** Live, and neither host nor co-host is on stage. */
  unled: boolean
}

/** A private space that one is invited to. */
export interface InvitedTo {
  id: string
  state: Lifecycle
  title: string
  host_name: string
  /** ISO 8601, with the offset of the host's zone. */
  starts_at: string
  time_zone: string
}

export interface Invited {
  handle: string
  name: string
}

export interface OnStage {
  speaker: string
  name: string
  role: Role
  muted: boolean
  /** They cannot undo it themselves. */
  muted_by_host: boolean
  connected: boolean
  level_dbov: number
  speaking: boolean
  /** No account vouches for the name. */
  guest: boolean
  /** Acts as host until the host is back. */
  acting: boolean
  /** What one may do to them. */
  acts: FloorAct[]
  /** Of their connection, as the stage measures it; null until it is known. */
  quality: 'good' | 'fair' | 'poor' | null
}

/** What is done on a floor; the table is `control/floor.py`. */
export type FloorAct =
  | 'ask' | 'see-floor' | 'accept' | 'decline' | 'invite' | 'invite-cohost' | 'invite-host' | 'take-link-back' | 'mute-self' | 'mute' | 'mute-all'
  | 'to-listener' | 'remove' | 'block' | 'block-everywhere' | 'unblock' | 'lock' | 'unlock' | 'promote' | 'demote' | 'hand-over'
  | 'take-back' | 'go-live' | 'end'
export type Place = 'operator' | 'owner' | 'host' | 'acting' | 'cohost' | 'speaker' | 'listener'

/** Somebody who asks to speak. */
export interface FloorRequest {
  request: string
  name: string
  note: string
  guest: boolean
  verified: boolean
  /** ISO 8601. */
  at: string
}

/** Somebody who was let speak and is not on stage yet. */
export interface Coming {
  /** They did not come while their seat was kept. */
  lapsed: boolean
  link: string
  name: string
  guest: boolean
}

/** Where a space that has moved goes on. */
export interface GoesOn {
  space: string
  /** Empty where one has no place there, and its page may not be named here. */
  title: string
  event_url: string
  /** Null for whoever may not come to its stage. */
  studio_url: string | null
}

/** Who asks, and what they may do here. */
export interface Me {
  /** Null until they accepted the sentence. */
  speaker: string | null
  name: string
  role: Role
  /** As one will be on stage; once there, `speakers` is newer. */
  muted: boolean
  muted_by_host: boolean
  consented: boolean
  /** Why one was taken off the stage; empty while one was not. */
  off: string
  place: Place
  guest: boolean
  /** What one may do on this floor, to nobody in particular. */
  acts: FloorAct[]
  may: {
    go_live: boolean
    end: boolean
    mute_others: boolean
    notify: boolean
    move: boolean
    /** A recording that is held; whoever may hears it before, too. */
    release: boolean
    pin: boolean
    hold_music: boolean
    see_checks: boolean
    /** Read the record of what was done on this stage. */
    audit: boolean
  }
}

export interface StageView {
  space: string
  state: Lifecycle
  title: string
  starts_at: string
  time_zone: string
  live: boolean
  live_at: string | null
  /** Programme samples on the tape, 48,000 a second. */
  samples: number
  ended_reason: string
  /** Why a live space is not on air just now; empty while it is. */
  trouble: string
  event_url: string
  speakers: OnStage[]
  listeners: number
  estimated: boolean
  /** In line before it. */
  waiting: number
  /** Of the ladder that the door stands on. */
  rung: RungName
  me: Me
  visibility: Visibility
  recording_policy: RecordingPolicy
  /** What is to be accepted here, in one's language. */
  consent: Consent
  notices: Notice[]
  pinned: { link: string; label: string } | null
  /** What listeners pressed in the newest second. */
  reactions: { at_ms: number; counts: Record<string, number> }
  /** Live with nobody on stage: music plays. */
  hold: boolean
  /** When it ends by itself unless somebody comes, while music plays; null: it does not. */
  hold_ends_at: string | null
  /** Of the host's own music for that; 0: what ships. */
  hold_music_s: number
  /** Nobody new comes to the stage. */
  locked: boolean
  /** Why an operator locked it; empty when they did not. */
  locked_reason: string
  /** Who asks to speak; empty for those who may not see it. */
  requests: FloorRequest[]
  /** Who was let speak and is on their way; empty as well. */
  coming: Coming[]
  moved: GoesOn | null
}

export type AccountRole = 'operator' | 'moderator' | 'member'

/** Who did something to an account, and when; `by` is empty for somebody who left. */
export interface Mark {
  by: string
  /** As the record names them: `local` has no name. */
  label: string
  at: string
  reason: string
}

/** A link for one person and one use; null when it was mailed instead. */
export interface OneTimeLink {
  url: string | null
  mailed: boolean
  expires_at: string
}

export interface Account {
  handle: string
  name: string
  role: AccountRole
  bio: string
  /** A `data:` address, or empty. */
  picture: string
  /** Null where it is nobody's business. */
  email: string | null
  verified: Mark | null
  suspended: Mark | null
  /** They host something public, so the door has a page of them. */
  public_page: boolean
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** What was asked for is wrong in this field, by the API's name for it; empty where it is not that. */
    readonly field = '',
  ) {
    super(message)
  }
}

/** The token of a speaker's link; null for people who are signed in. */
let speakerToken: string | null = null

export function speakAs(token: string | null): void {
  speakerToken = token
}

export function headers(): Record<string, string> {
  return speakerToken ? { Authorization: `Speaker ${speakerToken}` } : {}
}

/** Where backstage is, for a page of the door; empty on backstage's own. Such a page says its language itself. */
let origin = ''
let tongue = ''

export function askAt(backstage: string, language: string): void {
  origin = backstage.replace(/\/$/, '')
  tongue = language
}

/** The whole address of a path of the API. */
export function address(path: string): string {
  const language = origin && `${path.includes('?') ? '&' : '?'}lang=${tongue}`
  return `${origin}/api/v1${path}${language}`
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Call the API; where it demands a proof of who one is, ask for it and call again. Rejects with ApiError, whose message is a sentence. */
export async function call<T = void>(method: Method, path: string, body?: unknown, options: RequestInit = {}): Promise<T> {
  try {
    return await callOnce<T>(method, path, body, options)
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'proof_needed' || !(await askForProof())) throw error
    return callOnce<T>(method, path, body, options)
  }
}

async function callOnce<T>(method: Method, path: string, body: unknown, options: RequestInit): Promise<T> {
  const init: RequestInit = { method, headers: headers(), ...options }
  if (body !== undefined) {
    init.body = JSON.stringify(body)
    init.headers = { ...headers(), 'Content-Type': 'application/json' }
  }
  const response = await fetch(address(path), init).catch(() => {
    throw new ApiError(0, 'unreachable', say('console.unreachable'))
  })
  if (!response.ok) throw await refusal(response)
  return response.status === 204 || response.status === 202 ? (undefined as T) : ((await response.json()) as T)
}

/** The error in an answer that is not 2xx. */
export async function refusal(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => null)) as { error?: { code?: string; message?: string; detail?: { field?: string } } } | null
  const { code = 'error', message = say('console.failed', { status: String(response.status) }), detail } = body?.error ?? {}
  return new ApiError(response.status, code, message, detail?.field)
}

/** What went wrong, as a sentence. */
export function sentence(error: unknown): string {
  return error instanceof Error ? error.message : say('console.went_wrong')
}
