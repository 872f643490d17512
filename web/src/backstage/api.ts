/** Backstage's API: its documents, and one way to call it. Errors carry the sentence that a person reads. */

import { askForProof } from './proof.svelte'
import { say } from './words.svelte'

export interface Site {
  name: string
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
export type Role = 'host' | 'cohost' | 'speaker'

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
  /** Only for who may change the space, and only in its own document, not in lists. */
  invited: Invited[] | null
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
  /** Of their connection, as the stage measures it; absent while it does not. */
  quality?: 'good' | 'fair' | 'poor'
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
  may: { go_live: boolean; end: boolean; mute_others: boolean; notify: boolean; see_checks: boolean }
}

export interface StageView {
  space: string
  state: Lifecycle
  title: string
  starts_at: string
  time_zone: string
  live: boolean
  /** Programme samples on the tape, 48,000 a second. */
  samples: number
  ended_reason: string
  /** Why a live space is not on air just now; empty while it is. */
  trouble: string
  event_url: string
  speakers: OnStage[]
  listeners: number
  estimated: boolean
  me: Me
  visibility: Visibility
  recording_policy: RecordingPolicy
  /** What is to be accepted here, in one's language. */
  consent: Consent
  notices: Notice[]
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
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
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
  const response = await fetch(`/api/v1${path}`, init).catch(() => {
    throw new ApiError(0, 'unreachable', say('console.unreachable'))
  })
  if (!response.ok) throw await refusal(response)
  return response.status === 204 || response.status === 202 ? (undefined as T) : ((await response.json()) as T)
}

/** The error in an answer that is not 2xx. */
export async function refusal(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => null)) as { error?: { code?: string; message?: string } } | null
  return new ApiError(response.status, body?.error?.code ?? 'error', body?.error?.message ?? say('console.failed', { status: String(response.status) }))
}

/** What went wrong, as a sentence. */
export function sentence(error: unknown): string {
  return error instanceof Error ? error.message : say('console.went_wrong')
}
