package main

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/evenkeel-go/evenkeel/flags"
)

// browser is a headless Chromium that has the page open.
type browser struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // chromedp keeps its browser there

	mu       sync.Mutex
	problems []string // protected by mu; errors on the page, requests to elsewhere
}

// browse opens the page and waits until it is alive.
func browse(t *testing.T, page string) *browser {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("there is no Chromium on the PATH: install it (Debian: apt-get install chromium)")
	}
	allocated, cancelAllocated := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-dev-shm-usage", true))...)
	ctx, cancel := chromedp.NewContext(allocated)
	b := &browser{t: t, ctx: ctx}
	t.Cleanup(func() {
		cancel()
		cancelAllocated()
	})
	if err := chromedp.Listen(ctx, func(event any) { b.listen(page, event) }); err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	call(b, network.Enable, network.EnableParams{})
	b.run(chromedp.Navigate(page))
	b.eventually(10*time.Second, `document.querySelectorAll(".flags li").length === 5`)
	b.eventually(10*time.Second, `$("state").textContent === "READY"`)
	eval[bool](b, `window.neverReloaded = true`)
	return b
}

func (b *browser) listen(page string, event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.problems = append(b.problems, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			b.problems = append(b.problems, "the page writes an error to the console")
		}
	case *log.EventEntryAdded: // what the policies refuse, and what failed to load
		away := e.Entry.Source == log.EntrySourceNetwork && strings.Contains(e.Entry.Text, "503") // tests stop the bus
		if e.Entry.Level == log.EntryLevelError && !away {
			b.problems = append(b.problems, e.Entry.Text)
		}
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, page) && !strings.HasPrefix(e.Request.URL, "data:") {
			b.problems = append(b.problems, "a request to "+e.Request.URL)
		}
	}
}

func (b *browser) run(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// eval gives the value of an expression on the page.
func eval[T any](b *browser, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// call sends a command of the DevTools protocol.
func call[P, R any](b *browser, command cdp.Command[P, R], params P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		b.t.Fatal(err)
	}
}

// eventually waits on the page, at every frame, until a condition holds, and
// returns how long it took.
func (b *browser) eventually(within time.Duration, condition string) time.Duration {
	b.t.Helper()
	start := time.Now()
	ctx, cancel := context.WithTimeout(b.ctx, within)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](condition, chromedp.WithPollingInterval(10*time.Millisecond), chromedp.WithPollingTimeout(0))); err != nil {
		b.t.Fatalf("waited %s in vain for %s: %v; the page says:\n%s", within, condition, err, eval[string](b, `document.body.innerText`))
	}
	return time.Since(start)
}

// clean fails the test if the page was reloaded or had problems.
func (b *browser) clean() {
	b.t.Helper()
	if !eval[bool](b, `window.neverReloaded === true`) {
		b.t.Error("the page was reloaded")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, problem := range b.problems {
		b.t.Error(problem)
	}
}

const (
	newCheckoutOn = `[...document.querySelectorAll(".buy")].every(e => e.textContent === "Buy now, one click")`
	isStale       = `$("state").textContent === "STALE" && !$("trouble").hidden`
	isReady       = `$("state").textContent === "READY" && $("trouble").hidden`
)

func TestPage_showsAFlagThatFlagctlFlips(t *testing.T) {
	d := startDemo(t, t.TempDir(), "")
	b := browse(t, d.page)
	b.picture("ready")
	flipped := make(chan struct{})
	start := time.Now()
	go func() {
		defer close(flipped)
		d.flagctl("set-variant", "shop", "new-checkout", "on", "--reason", "launch")
	}()
	took := b.eventually(5*time.Second, newCheckoutOn)
	if took > time.Second {
		t.Errorf("the flip was seen after %s, want less than 1s", took)
	}
	t.Logf("seen %s after flagctl was started", time.Since(start))
	<-flipped
	b.eventually(5*time.Second, `document.querySelector("#history .what").textContent === "ada@example.com · new-checkout · launch"`)
	b.eventually(time.Second, `/arrived after \d+\.\d ms/.test($("arrival").textContent)`)
	b.eventually(time.Second, `/^Visitors get revision 2, by ada@example.com at .*: launch$/.test($("revision").textContent)`)
	d.flagctl("disable", "shop", "banner", "--reason", "kill switch")
	b.eventually(time.Second, `[...document.querySelectorAll(".strip")].every(e => e.textContent === "Welcome")`)
	b.picture("changed")
	b.clean()
}

func TestPage_switchesFlagsAndTheBus(t *testing.T) {
	d := startDemo(t, t.TempDir(), "")
	b := browse(t, d.page)
	b.eventually(time.Second, `[...document.querySelectorAll(".price b")].map(e => e.textContent).join() === ",-5%,,-15%"`)
	b.run(chromedp.Click(`li[data-key="discount"] .switch`))
	b.eventually(5*time.Second, `document.querySelector('li[data-key="discount"] .switch').getAttribute("aria-checked") === "false"`)
	b.eventually(5*time.Second, `document.querySelector("#history .what").textContent.startsWith("page · discount")`)
	b.eventually(5*time.Second, `document.querySelectorAll(".price b").length === 4 && [...document.querySelectorAll(".price b, .price s")].every(e => e.textContent === "")`)
	b.run(chromedp.SendKeys(`li[data-key="theme"] select`, "sunset"))
	b.eventually(5*time.Second, `[...document.querySelectorAll(".visitor")].every(e => e.style.getPropertyValue("--accent") === "#b8431a")`)
	if out := d.flagctl("history", "shop"); !strings.Contains(out, "page") {
		t.Errorf("flagctl does not know of the page's change:\n%s", out)
	}

	top := eval[float64](b, `document.querySelector("main").offsetTop`)
	b.run(chromedp.Click("#bus"))
	b.eventually(5*time.Second, isStale)
	if now := eval[float64](b, `document.querySelector("main").offsetTop`); now != top {
		t.Errorf("the page moved by %v pixels when the bus went", now-top)
	}
	b.picture("stale")
	b.run(chromedp.Click(`li[data-key="discount"] .switch`))
	b.eventually(3*time.Second, `$("trouble").textContent.startsWith("Not changed: the bus is away")`)
	b.picture("refused")
	b.run(chromedp.Click("#bus"))
	b.eventually(5*time.Second, `$("state").textContent === "READY"`)
	b.run(chromedp.Click(`li[data-key="discount"] .switch`))
	b.eventually(5*time.Second, `document.querySelector('li[data-key="discount"] .switch').getAttribute("aria-checked") === "true"`)
	b.eventually(10*time.Second, isReady)
	b.clean()
}

// TestPage_recoversFromABusThatComesBackChanged restarts the bus for real, and
// changes a flag while no follower can reach it.
func TestPage_recoversFromABusThatComesBackChanged(t *testing.T) {
	options := server.Options{Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: t.TempDir(), SyncAlways: true, NoSigs: true, NoLog: true}
	bus := startBus(t, options)
	d := startDemo(t, t.TempDir(), bus.ClientURL())
	b := browse(t, d.page)
	b.eventually(time.Second, `bus === "external" && $("bus").hidden`)
	options.Port = bus.Addr().(*net.TCPAddr).Port
	stopBus(bus)
	b.eventually(5*time.Second, isStale)

	hidden := options // the same data, where only we can reach it
	hidden.DontListen = true
	changed := startBus(t, hidden)
	nc, err := nats.Connect("", nats.InProcessServer(changed))
	if err != nil {
		t.Fatal(err)
	}
	store, err := flags.OpenStore(t.Context(), nc, env)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Update(t.Context(), setName, flags.Change{Actor: "night shift"}, func(doc *flags.Document) error {
		return doc.SetDefaultVariant("new-checkout", "on")
	}); err != nil {
		t.Fatal(err)
	}
	nc.Close()
	stopBus(changed)

	startBus(t, options)
	took := b.eventually(5*time.Second, newCheckoutOn+" && "+isReady)
	t.Logf("recovered %s after the bus was back", took)
	b.clean()
}

func startBus(t *testing.T, options server.Options) *server.Server {
	t.Helper()
	s, err := server.NewServer(&options)
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	t.Cleanup(func() { stopBus(s) })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the bus was not ready within 10s")
	}
	return s
}

func stopBus(s *server.Server) {
	s.Shutdown()
	s.WaitForShutdown()
}

// picture takes pictures of the page, for a desktop and a phone, light and
// dark, if EVENKEEL_ARTEFACTS names a directory for them.
func (b *browser) picture(name string) {
	dir := os.Getenv("EVENKEEL_ARTEFACTS")
	if dir == "" {
		return
	}
	b.t.Helper()
	for look, width := range map[string]int64{"desktop-light": 1280, "desktop-dark": 1280, "phone-light": 360, "phone-dark": 360} {
		_, scheme, _ := strings.Cut(look, "-")
		call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		b.run(chromedp.EmulateViewport(width, 800))
		image, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
		if err != nil {
			b.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+"-"+look+".png"), image, 0o600); err != nil {
			b.t.Fatal(err)
		}
		if eval[bool](b, `document.documentElement.scrollWidth > document.documentElement.clientWidth`) {
			b.t.Errorf("%s %s: the page is wider than the window", name, look)
		}
	}
	b.run(chromedp.EmulateViewport(1280, 800))
}
