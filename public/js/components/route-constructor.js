// The route constructor. Every step is a form that works by itself; this module sends it in the background and swaps in
// what the server rendered, so that the page is made in one place only.

import { allowDragging } from './route-drag.js'
import { swapFragments } from './route-fragments.js'
import { pageModules } from './route-pager.js'
import { showToast } from './route-toast.js'

const FRAGMENT = { Accept: 'application/json' }

/** Attaches to the element of `body.ejs`. Called once per page. */
export default function routeConstructor(root) {
  root.classList.add('is-live')
  const pager = pageModules(root)
  let busy = Promise.resolve()
  let undo = null

  const live = () => root.querySelector('#route-live')
  const say = (text) => {
    live().textContent = ''
    // A changed text is announced; the same text again would not be.
    setTimeout(() => {
      live().textContent = text
    }, 50)
  }

  function setSaveState(name) {
    const state = root.querySelector('[data-save-state]')
    if (!state) return
    state.classList.toggle('is-failed', name === 'failed')
    state.querySelector('span').textContent = root.dataset[name]
    state
      .querySelector('use')
      .setAttribute(
        'href',
        `/img/icons.svg#${{ saving: 'cloud-upload', saved: 'cloud-check', failed: 'cloud-off' }[name]}`,
      )
  }

  /** Takes over a constructor as the server rendered it: swaps what changed, says what happened. */
  function take(html, sought) {
    const next = new DOMParser().parseFromString(html, 'text/html').querySelector('#route-constructor')
    if (!next) return false
    // The message stands in the page for those without scripts; here it is a toast, and it goes by itself.
    next.querySelector('#route-message')?.replaceChildren()
    swapFragments(root, next)
    for (const name of ['url', 'version', 'message', 'messageKind', 'undo', 'undoLabel']) {
      if (name in next.dataset) root.dataset[name] = next.dataset[name]
      else delete root.dataset[name]
    }
    pager.refresh(sought)
    dragging.refresh()
    const { message, messageKind, undoLabel } = root.dataset
    undo = root.dataset.undo ?? null
    if (message) {
      say(message)
      showToast(root, { text: message, kind: messageKind, action: undo ? { label: undoLabel, run: goBack } : null })
    }
    return true
  }

  /** Sends one step after the one under way, so that quick clicks arrive in order. */
  function send(action, fields, form) {
    busy = busy.then(() => sendNow(action, fields, form)).catch(() => {})
    return busy
  }

  async function sendNow(action, fields, form) {
    const tile = form?.closest('.lr-tile')
    tile?.classList.add('is-busy')
    setSaveState('saving')
    try {
      const response = await fetch(action, {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: FRAGMENT,
        redirect: 'follow',
      })
      const isPage = response.headers.get('content-type')?.includes('text/html')
      if (isPage && take(await response.text())) return setSaveState('saved')
      if (response.status === 401 || response.status === 403 || response.redirected)
        return leaveToServer(action, fields)
      await explainRefusal(response)
    } catch {
      setSaveState('failed')
      const { failed, retry } = root.dataset
      say(failed)
      showToast(root, { text: failed, kind: 'danger', action: { label: retry, run: () => send(action, fields, form) } })
    } finally {
      tile?.classList.remove('is-busy')
    }
  }

  /** The server said no in words: say them, and show the route as it is now (with a fresh form token). */
  async function explainRefusal(response) {
    const answer = await response.json()
    const text = answer.error?.message ?? root.dataset.failed
    await load(root.dataset.url)
    say(text)
    showToast(root, { text, kind: 'danger', action: null })
  }

  /** Without a session the ordinary way is the right one: it keeps what was being done. */
  function leaveToServer(action, fields) {
    const form = document.createElement('form')
    form.method = 'post'
    form.action = action
    for (const [name, value] of fields)
      form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }))
    document.body.append(form)
    form.submit()
  }

  async function load(url, sought) {
    const response = await fetch(url, { headers: FRAGMENT })
    return response.ok && take(await response.text(), sought)
  }

  function goBack() {
    if (!undo) return
    const action = undo
    undo = null
    const token = root.querySelector('input[name="_csrf"]')?.value ?? ''
    send(action, [
      ['_csrf', token],
      ['face', root.querySelector('[data-face]').dataset.face],
      ['undo', '1'],
    ])
  }

  root.addEventListener('submit', (event) => {
    const form = event.target
    if (!form.matches('form[data-route-step]') || event.defaultPrevented) return
    event.preventDefault()
    send(form.action, [...new FormData(form, event.submitter)], form)
  })

  // The whole tile is the button, except what has a purpose of its own.
  root.addEventListener('click', (event) => {
    const tile = event.target.closest('.lr-tile.is-open')
    if (!tile || event.target.closest('a, button, summary, details, input')) return
    if (String(getSelection())) return
    tile.querySelector('form[data-route-step]')?.requestSubmit()
  })

  // Another face of the same draft, without leaving the page.
  root.addEventListener('click', (event) => {
    const link = event.target.closest('[data-face-link], [data-gap-link], [data-module-link]')
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
    const url = new URL(link.href)
    const samePage = url.pathname === location.pathname && (url.search === location.search || isCurrentFace(url))
    if (samePage && url.hash) {
      event.preventDefault()
      pager.seek(url.hash.slice(1))
      return
    }
    event.preventDefault()
    load(`${url.pathname}${url.search}`, url.hash.slice(1)).then(
      (done) => {
        if (!done) location.assign(url)
        else history.pushState(null, '', url)
      },
      () => location.assign(url),
    )
  })

  const isCurrentFace = (url) => {
    const current = root.querySelector('[data-face-link][aria-current]')
    return current !== null && new URL(current.href).search === url.search
  }

  addEventListener('popstate', () => {
    load(`${location.pathname}${location.search}`, location.hash.slice(1)).catch(() => location.reload())
  })

  addEventListener('keydown', (event) => {
    const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.code === 'KeyZ'
    if (!isUndo || !undo || event.target.closest?.('input, textarea, select, [contenteditable]')) return
    event.preventDefault()
    goBack()
  })

  const dragging = allowDragging(root, (form) => form.requestSubmit())
  pager.refresh(location.hash.slice(1))
  dragging.refresh()
  return root
}
