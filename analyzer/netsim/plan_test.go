package netsim_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/netsim"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
)

// TestPlansReachEverything keeps the inference test from proving nothing: the
// plans must lead through every state, every input and every error.
func TestPlansReachEverything(t *testing.T) {
	states, inputs, errors := map[tcpstate.State]int{}, map[tcpstate.Input]int{}, map[string]int{}
	for seed := uint64(1); seed <= 1500; seed++ {
		for _, end := range netsim.Run(netsim.NewPlan(seed)).Ends {
			errors[end.Error]++
			for _, c := range end.States {
				states[c.State]++
				inputs[c.Input]++
			}
		}
	}
	for s := tcpstate.SynSent; s <= tcpstate.TimeWait; s++ {
		if states[s] < 10 {
			t.Errorf("%v was reached %d times", s, states[s])
		}
	}
	for _, in := range []tcpstate.Input{
		tcpstate.SendSYN, tcpstate.SendFIN, tcpstate.SendRST, tcpstate.ReceiveRST, tcpstate.ReceiveSYN,
		tcpstate.ReceiveACK, tcpstate.ReceiveFIN, tcpstate.RetriesUsedUp, tcpstate.TimeWaitOver,
	} {
		if inputs[in] < 10 {
			t.Errorf("%q happened %d times", in, inputs[in])
		}
	}
	for _, errno := range []string{"", "ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT"} {
		if errors[errno] < 10 {
			t.Errorf("error %q was left %d times", errno, errors[errno])
		}
	}
}

func TestAPlanPlaysTheSameWay(t *testing.T) {
	for seed := uint64(1); seed <= 50; seed++ {
		p := netsim.NewPlan(seed)
		if diff := cmp.Diff(netsim.Run(p), netsim.Run(p)); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
	}
}
