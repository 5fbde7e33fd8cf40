import { get } from '../lib/http.js'

/** The last form of the wizard: while the server installs, shows what it is at. Without JavaScript the browser just waits. */
export default function setupProgress(form) {
  const box = form.querySelector('[data-running]')
  const bar = box.querySelector('progress')
  const stage = box.querySelector('[data-stage]')
  let timer

  form.addEventListener('submit', (event) => {
    if (event.defaultPrevented) return
    box.hidden = false
    form.querySelector('button[type=submit]').disabled = true
    timer = setInterval(look, 700)
  })

  async function look() {
    try {
      const progress = await get(form.dataset.progress, { retries: 0 })
      bar.max = progress.total
      bar.value = progress.done
      if (progress.stage && stage.textContent !== progress.stage) stage.textContent = progress.stage
    } catch {
      // The installed system does not know this address any more: the answer of the form is on its way.
      clearInterval(timer)
    }
  }

  addEventListener('pageshow', (event) => {
    if (!event.persisted) return
    clearInterval(timer)
    box.hidden = true
    form.querySelector('button[type=submit]').disabled = false
  })
}
