/** What the API tells of the door. */

export type RungName = 'ground' | 'cadence' | 'low' | 'quiet' | 'door' | 'worst'

export interface Rung {
  name: RungName
  closed: boolean
}

export interface Crowd {
  space: string
  title: string
  inside: number
  waiting: number
  waiting_by_line: number[]
  places: number
  /** Places that open in the next steps. */
  opening: number
  reserved: number
  reserved_inside: number
}

export interface Worker {
  worker: number
  listeners: number
  /** Of one core. */
  cpu: number
  late_share: number
}

export interface Seen {
  refused: Record<string, number>
  rate: number
  places: number
  /** What says so. */
  limit: 'hand' | 'bandwidth' | 'memory' | 'descriptors' | 'cpu' | 'lateness'
  /** How many the machine is measured to carry. */
  measured: number
  listeners: number
  late_share: number
  rung: RungName
  held: boolean
  spaces: Crowd[]
  workers: Worker[]
}

export interface Order {
  /** By hand; null: as the settings say, or as measured. */
  places: number | null
  /** By hand; null: by itself. */
  rung: RungName | null
}

export interface Door extends Order {
  /** What the settings say; null: nothing, so that what is measured holds. */
  capacity: number | null
  /** Null while the door does not report. */
  seen: Seen | null
  /** Mildest first. */
  rungs: Rung[]
}

/** Columns, one figure a second, oldest first. */
export interface Figures {
  /** UTC in seconds. */
  at: number[]
  arrivals_per_s: number[]
  joined_per_s: number[]
  waiting: number[]
  listeners: number[]
  places: number[]
  rate: number[]
  late_share: number[]
}
