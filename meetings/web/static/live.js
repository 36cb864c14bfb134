// One poll a resource: it slows down with the server and rests in a hidden tab.
export function poll(url, { every = 3000, idle = 15000, onData, onGood = () => {}, onLost = () => {} }) {
	let misses = 0, timer = 0, last = performance.now(), paused = false
	for (const kind of ["keydown", "pointerdown"]) addEventListener(kind, () => { last = performance.now() })
	async function once() {
		clearTimeout(timer)
		if (paused || document.hidden) return
		const began = performance.now()
		try {
			const answer = await fetch(url())
			if (answer.redirected) location.reload(); // signed out
			if (!answer.ok) throw answer
			misses = 0
			onGood()
			if (answer.status === 200) onData(await answer.json())
		} catch { misses += 1; if (misses === 2) onLost() }
		const took = performance.now() - began
		const pace = performance.now() - last > 60000 ? idle : every
		timer = setTimeout(once, Math.min(60000, Math.max(pace, took * 4) * 2 ** misses) * (0.9 + Math.random() / 5))
	}
	document.addEventListener("visibilitychange", once)
	addEventListener("focus", once)
	timer = setTimeout(once, every)
	return { now: once, pause() { paused = !paused; once(); return paused } }
}
