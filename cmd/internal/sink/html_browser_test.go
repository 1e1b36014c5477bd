package sink

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
)

// browser is a tab of a headless browser, and what it asked for and complained of.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu        sync.Mutex
	requested []string
	complains []string
}

// newBrowser starts a browser, or skips the test where there is none.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	names := []string{"chromium", "chromium-browser", "google-chrome"}
	at := slices.IndexFunc(names, func(name string) bool {
		_, err := exec.LookPath(name)
		return err == nil
	})
	if at < 0 {
		t.Skipf("no browser here: none of %s", strings.Join(names, ", "))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithAllocatorOptions(
		chromedp.ExecPath(names[at]), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true), chromedp.WindowSize(1280, 1000)))
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Skipf("%s does not start: %v", names[at], err)
	}
	return b
}

// hear notes what the page asks for, and all that the browser has to say about it.
func (b *browser) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requested = append(b.requested, e.Request.URL)
	case *log.EventEntryAdded:
		b.complains = append(b.complains, e.Entry.Text)
	case *runtime.EventConsoleAPICalled:
		b.complains = append(b.complains, fmt.Sprintf("console.%s", e.Type))
	case *runtime.EventExceptionThrown:
		b.complains = append(b.complains, e.ExceptionDetails.Text)
	}
}

func (b *browser) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// open shows a page and returns its address.
func (b *browser) open(page []byte) string {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), "report.html")
	b.must(os.WriteFile(path, page, 0o600))
	url := "file://" + path
	b.must(chromedp.Do(b.ctx, chromedp.Navigate(url)))
	return url
}

// ask evaluates an expression in the page.
func ask[T any](b *browser, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// quiet checks that the page was all that was asked for, and nothing went wrong.
func (b *browser) quiet(url string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if diff := cmp.Diff([]string{url}, b.requested); diff != "" {
		b.t.Errorf("requests (-want +got): %s", diff)
	}
	for _, text := range b.complains {
		b.t.Errorf("the browser says: %s", text)
	}
}

func htmlOf(t *testing.T, o HTMLOptions, sum *analyzer.Summary, cs ...*analyzer.Connection) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := play(NewHTML(&out, o), sum, cs...); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// shownRows lists the connections that the table shows, from the top.
const shownRows = `[...document.querySelectorAll("table.connections tbody tr")].filter((tr) => tr.checkVisibility()).map((tr) => tr.cells[1].textContent)`

func TestPageInBrowser(t *testing.T) {
	b := newBrowser(t)
	cs := everyConnection()
	url := b.open(htmlOf(t, HTMLOptions{}, summaryOf(cs...), cs...))

	if got := ask[[]string](b, shownRows); fmt.Sprint(got) != "[#2 #3 #1 #4 #5]" {
		t.Errorf("the table begins as %v", got)
	}
	for _, tt := range []struct{ words, want string }{
		{"Reset by", "[#4]"},
		{"client FIN -refused", "[#1]"},
		{"is:warning 2001:db8", "[#3]"},
		{"no such word", "[]"},
		{"", "[#2 #3 #1 #4 #5]"},
	} {
		ask[bool](b, fmt.Sprintf(`filter.value = %q, filter.dispatchEvent(new Event("input"))`, tt.words))
		if got := fmt.Sprint(ask[[]string](b, shownRows)); got != tt.want {
			t.Errorf("the filter %q shows %s, want %s", tt.words, got, tt.want)
		}
	}

	b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(`a[data-filter="is:clean"]`))))
	if got := ask[[]string](b, shownRows); fmt.Sprint(got) != "[#5]" {
		t.Errorf("of the clean ones the table shows %v", got)
	}
	ask[bool](b, `filter.value = "", filter.dispatchEvent(new Event("input"))`)

	number := chromedp.CSS("table.connections th:nth-child(2) button")
	for _, want := range []string{"[#1 #2 #3 #4 #5] ascending", "[#5 #4 #3 #2 #1] descending"} {
		b.must(chromedp.Do(b.ctx, chromedp.Click(number)))
		sorted := ask[string](b, `document.querySelector("table.connections th:nth-child(2)").ariaSort`)
		if got := fmt.Sprint(ask[[]string](b, shownRows), " ", sorted); got != want {
			t.Errorf("sorted by number: %s, want %s", got, want)
		}
	}

	if ask[bool](b, `c3.open`) {
		t.Error("of several connections, one is open from the start")
	}
	b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(`table.connections a[href="#c3"]`))))
	b.must(chromedp.Do(b.ctx, chromedp.WaitVisible(chromedp.CSS("#c3 table.ladder"))))
	b.quiet(url)
}

// unreadable lists the texts that stand out from what is behind them by less than the
// 4.5 to 1 of WCAG 2.2 §1.4.3.
const unreadable = `(() => {
	document.querySelectorAll("details").forEach((d) => { d.open = true; });
	const rgb = (color) => color.match(/[\d.]+/g).map(Number);
	const light = (color) => rgb(color).slice(0, 3).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const behind = (e) => {
		const color = getComputedStyle(e).backgroundColor;
		return (rgb(color)[3] ?? 1) > 0 || !e.parentElement ? color : behind(e.parentElement);
	};
	return [...document.querySelectorAll("body *")].filter((e) => {
		if (!e.checkVisibility() || ![...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.textContent.trim())) {
			return false;
		}
		const [a, b] = [light(getComputedStyle(e).color), light(behind(e))];
		return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
	}).map((e) => e.tagName + "." + e.className + ": " + e.textContent.slice(0, 40));
})()`

func TestPageIsReadable(t *testing.T) {
	b := newBrowser(t)
	cs := everyConnection()
	sum := summaryOf(cs...)
	sum.Damage = &analyzer.Damage{File: "cut.pcap", Offset: 1, Reason: "it ends within a record"}
	b.open(htmlOf(t, HTMLOptions{}, sum, cs...))
	for _, scheme := range []string{"light", "dark"} {
		_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		b.must(err)
		paper := ask[string](b, `getComputedStyle(document.body).backgroundColor`)
		if dark := paper != "rgb(255, 255, 255)"; dark != (scheme == "dark") {
			t.Errorf("%s: the paper is %s", scheme, paper)
		}
		for _, text := range ask[[]string](b, unreadable) {
			t.Errorf("%s: too faint: %s", scheme, text)
		}
	}
	if wide := ask[bool](b, `document.documentElement.scrollWidth > innerWidth`); wide {
		t.Error("the page is wider than its window")
	}
	if nameless := ask[int](b, `[...document.querySelectorAll("a, button, summary, input")].filter((e) => !(e.textContent.trim() || e.labels?.length)).length`); nameless > 0 {
		t.Errorf("%d links, buttons or fields without a name", nameless)
	}
}

// Scripts that come with a capture stay text, and without scripts all is there.
func TestPageRunsNothingButItsOwn(t *testing.T) {
	b := newBrowser(t)
	const attack = `"'></style></script></title><script>hacked = 1</script><img src=x onerror="hacked = 1"><a href="javascript:hacked=1" id=trap>{{.}}`
	c := finalAckLost()
	c.Verdict, c.Conditions, c.ZeekHistory = attack, []string{attack}, attack
	f := &c.Findings[0]
	f.Code, f.Summary, f.Explanation = attack, attack, attack
	f.Causes, f.Checks, f.Refs = []string{attack}, []string{attack}, []string{attack}
	cs := append(everyConnection(), c)
	c.ID = len(cs)
	sum := summaryOf(cs...)
	sum.Files, sum.Notes, sum.Interfaces, sum.Vantage = []string{attack}, []string{attack}, []string{attack}, attack
	sum.Skipped = map[string]int{attack: 1}
	sum.Inputs = []analyzer.Input{{File: attack, Name: attack, Frames: 1}}
	sum.Damage = &analyzer.Damage{File: attack, Reason: attack}

	url := b.open(htmlOf(t, HTMLOptions{Frames: saying(attack)}, sum, cs...))
	if ask[bool](b, `typeof hacked !== "undefined" || document.getElementById("trap") !== null || document.images.length > 0`) {
		t.Error("text of the capture became part of the page")
	}
	if !strings.Contains(ask[string](b, `document.querySelector("h1").textContent`), "onerror") {
		t.Error("the name of the file is not shown")
	}
	b.quiet(url)

	_, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.must(err)
	b.must(chromedp.Do(b.ctx, chromedp.Navigate(url)))
	if n := len(ask[[]string](b, shownRows)); n != len(cs) {
		t.Errorf("without scripts the table has %d of %d connections", n, len(cs))
	}
	if controls := ask[int](b, `document.querySelectorAll("button, input").length`); controls > 0 {
		t.Errorf("without scripts there are %d controls that do nothing", controls)
	}
	b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS("#c2 > summary")), chromedp.WaitVisible(chromedp.CSS("#c2 table.ladder"))))
}

// saying is Frames of a capture in which each frame has the same comment.
type saying string

func (saying) Place(number int) (string, int) { return "", number }
func (s saying) Comment(int) string           { return string(s) }
