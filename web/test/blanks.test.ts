/** What is wrong with a field is said in the page's words. */

import { afterEach, expect, test, vi } from 'vitest'
import { wrongWith, type Blank } from '../src/backstage/blanks'
import { speak } from '../src/backstage/words.svelte'

afterEach(() => vi.unstubAllGlobals())

const FIELD = { type: 'text', title: '', minLength: -1, min: '', max: '' }

test.each<[Partial<Blank>, keyof ValidityState, string]>([
  [{}, 'valueMissing', 'Rellena este campo.'],
  [{ type: 'checkbox' }, 'valueMissing', 'Marca esta casilla para seguir.'],
  [{ type: 'select-one' }, 'valueMissing', 'Elige una opción.'],
  [{ type: 'email' }, 'typeMismatch', 'Esto no es una dirección de correo, como ada@example.org.'],
  [{ type: 'url' }, 'typeMismatch', 'Esto no es una dirección completa: empieza por https:// o http://.'],
  [{ minLength: 10 }, 'tooShort', 'Escribe al menos 10 caracteres.'],
  [{ type: 'number', min: '1' }, 'rangeUnderflow', 'Escribe 1 o más.'],
  [{ type: 'number', max: '65535' }, 'rangeOverflow', 'Escribe 65.535 o menos.'],
  [{ type: 'number' }, 'badInput', 'Escribe un número entero.'],
  [{ type: 'number' }, 'stepMismatch', 'Escribe un número entero.'],
  [{ type: 'datetime-local' }, 'badInput', 'Indica una fecha y una hora.'],
  [{ title: 'Minúsculas y cifras.' }, 'patternMismatch', 'Minúsculas y cifras.'],
  [{}, 'patternMismatch', 'Revisa este campo.'],
])('a field %o with %s is told of', async (field, wrong, sentence) => {
  vi.stubGlobal('document', { documentElement: {} })
  await speak('es')
  expect(wrongWith({ ...FIELD, ...field, validity: { [wrong]: true } as unknown as ValidityState })).toBe(sentence)
})
