/**
 * Attaches a module to every element with `data-component="x y"`: public/js/components/x.js, whose default export takes the
 * element. Elements inserted later (by fetch or by sockets) are attached as well. Pages work without all this.
 */

const attached = new WeakMap()
const SAFE_NAME = /^[a-z][a-z0-9-]*$/

async function attach(element) {
  const done = attached.get(element) ?? new Set()
  attached.set(element, done)
  for (const name of (element.dataset.component ?? '').split(/\s+/)) {
    if (!SAFE_NAME.test(name) || done.has(name)) continue
    done.add(name)
    try {
      const module = await import(`/js/components/${name}.js`)
      await module.default(element)
    } catch (error) {
      console.error(`component ${name}`, error)
    }
  }
}

/** Attaches the components of an element and of all that is inside it. */
export function attachAll(root = document) {
  if (root instanceof Element && root.matches('[data-component]')) attach(root)
  for (const element of root.querySelectorAll('[data-component]')) attach(element)
}

/** Tabler's own behaviour (its dropdowns, modals, offcanvas) is fetched only by a page that uses it. */
function loadTabler() {
  if (document.querySelector('[data-bs-toggle]')) import('/vendor/tabler/js/tabler.min.js').catch(() => {})
}

new MutationObserver((changes) => {
  for (const change of changes) {
    for (const node of change.addedNodes) if (node instanceof Element) attachAll(node)
  }
}).observe(document.documentElement, { childList: true, subtree: true })

document.documentElement.classList.add('has-js')
attachAll()
loadTabler()
