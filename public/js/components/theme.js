import { csrfToken } from '../lib/http.js'

/** The theme form: applied at once, kept by the server without leaving the page. */
export default function theme(form) {
  form.addEventListener('submit', async (event) => {
    const button = event.submitter
    if (button?.name !== 'theme') return
    event.preventDefault()
    document.documentElement.dataset.bsTheme = button.value
    for (const other of form.querySelectorAll('[name=theme]')) other.removeAttribute('aria-current')
    button.setAttribute('aria-current', 'true')
    form.closest('details')?.removeAttribute('open')
    const body = new URLSearchParams({ theme: button.value, _csrf: csrfToken() })
    // The answer leads back to this page; it need not be fetched.
    await fetch(form.action, { method: 'POST', body, redirect: 'manual', keepalive: true }).catch(() => {})
  })
}
