/** Before a private space: asks backstage for a pass with the passphrase, and enters with it. Its words stand in the page. */
import '../home/home.css'

const form = document.querySelector<HTMLFormElement>('#passphrase')
const said = document.getElementById('said')

if (form && said) {
  form.dataset['ready'] = ''
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void enter(form, said)
  })
}

async function enter(form: HTMLFormElement, said: HTMLElement): Promise<void> {
  const { passUrl = '', event = '', wrong = '', busy = '', unreachable = '' } = form.dataset
  const field = form.elements.namedItem('passphrase') as HTMLInputElement
  said.textContent = ''
  try {
    const answer = await fetch(passUrl, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ passphrase: field.value }),
      credentials: 'omit',
      signal: AbortSignal.timeout(8000),
    })
    if (answer.ok) {
      const { pass } = (await answer.json()) as { pass: string }
      return location.replace(`${event}?pass=${encodeURIComponent(pass)}`)
    }
    said.textContent = answer.status === 429 ? busy : answer.status >= 500 ? unreachable : wrong
  } catch {
    said.textContent = unreachable
  }
  field.select()
}
