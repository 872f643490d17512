/** Which refusals end the line to the stage for good. */

import { describe, expect, it } from 'vitest'
import { ApiError } from '../src/backstage/api'
import { isFinal } from '../src/backstage/studio/line'

describe('a refusal of the line', () => {
  it.each([
    [400, 'bad_sdp'],
    [401, 'sign_in_needed'],
    [403, 'consent_needed'],
    [403, 'not_allowed'],
    [403, 'suspended'],
    [403, 'taken_off'],
    [404, 'unknown_space'],
    [409, 'space_over'],
  ])('%i %s is for good', (status, code) => {
    expect(isFinal(new ApiError(status, code, ''))).toBe(true)
  })

  it.each([
    [0, 'unreachable'],
    [404, 'not_found'],
    [409, 'conflict'],
    [409, 'tape_locked'],
    [500, 'error'],
    [503, 'stage_full'],
    [503, 'stage_unavailable'],
    [507, 'disk_full'],
  ])('%i %s is tried again', (status, code) => {
    expect(isFinal(new ApiError(status, code, ''))).toBe(false)
  })
})
