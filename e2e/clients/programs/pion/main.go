// The client of Pion: see ../lines.ts for what is said on both pipes, and what is in the file.
//
// With the word CM32 after the file it offers no SRTP profile but AES_CM_128_HMAC_SHA1_32.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
)

const (
	frame       = 20 * time.Millisecond
	longestLine = 1 << 20
)

var speaking sync.Mutex

// tell says something to whoever started this.
func tell(name, value string) {
	speaking.Lock()
	defer speaking.Unlock()
	line, _ := json.Marshal(map[string]string{name: value})
	fmt.Println(string(line))
}

func main() {
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(voice string, profiles []string) error {
	frames, err := read(voice)
	if err != nil {
		return err
	}
	call, err := newCall(profiles)
	if err != nil {
		return err
	}
	defer call.Close()
	opus := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}
	microphone, err := webrtc.NewTrackLocalStaticSample(opus, "audio", "client")
	if err != nil {
		return err
	}
	if _, err := call.AddTrack(microphone); err != nil {
		return err
	}
	call.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { hear(track) })
	if err := readEvents(call); err != nil {
		return err
	}
	call.OnConnectionStateChange(func(state webrtc.PeerConnectionState) { tell("state", state.String()) })
	go speak(microphone, frames)
	tell("version", version())
	if err := offer(call, false); err != nil {
		return err
	}
	return serve(call)
}

func newCall(profiles []string) (*webrtc.PeerConnection, error) {
	settings := webrtc.SettingEngine{}
	if len(profiles) > 0 && profiles[0] == "CM32" {
		settings.SetSRTPProtectionProfiles(dtls.SRTP_AES128_CM_HMAC_SHA1_32)
	}
	return webrtc.NewAPI(webrtc.WithSettingEngine(settings)).NewPeerConnection(webrtc.Configuration{})
}

func readEvents(call *webrtc.PeerConnection) error {
	negotiated, id := true, uint16(0)
	channel, err := call.CreateDataChannel("events", &webrtc.DataChannelInit{Negotiated: &negotiated, ID: &id})
	if err != nil {
		return err
	}
	channel.OnMessage(func(message webrtc.DataChannelMessage) { tell("message", string(message.Data)) })
	return nil
}

// offer makes a whole offer: all candidates are in it.
func offer(call *webrtc.PeerConnection, restart bool) error {
	made, err := call.CreateOffer(&webrtc.OfferOptions{ICERestart: restart})
	if err != nil {
		return err
	}
	gathered := webrtc.GatheringCompletePromise(call)
	if err := call.SetLocalDescription(made); err != nil {
		return err
	}
	<-gathered
	tell("offer", call.LocalDescription().SDP)
	return nil
}

// serve does what is asked until nobody asks any more.
func serve(call *webrtc.PeerConnection) error {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		var asked struct {
			Answer  string
			Restart bool
		}
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			return err
		}
		if asked.Answer != "" {
			answer := webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: asked.Answer}
			if err := call.SetRemoteDescription(answer); err != nil {
				return err
			}
		}
		if asked.Restart {
			if err := offer(call, true); err != nil {
				return err
			}
		}
	}
	return lines.Err()
}

func hear(track *webrtc.TrackRemote) {
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		tell("opus", hex.EncodeToString(packet.Payload))
	}
}

// speak says 20 ms every 20 ms; before the call stands nobody takes them.
func speak(microphone *webrtc.TrackLocalStaticSample, frames [][]byte) {
	ticks := time.NewTicker(frame)
	for number := 0; ; number++ {
		<-ticks.C
		_ = microphone.WriteSample(media.Sample{Data: frames[number%len(frames)], Duration: frame})
	}
}

func read(voice string) ([][]byte, error) {
	text, err := os.ReadFile(voice)
	if err != nil {
		return nil, err
	}
	var frames [][]byte
	for _, line := range strings.Fields(string(text)) {
		packet, err := hex.DecodeString(line)
		if err != nil {
			return nil, err
		}
		frames = append(frames, packet)
	}
	return frames, nil
}

func version() string {
	build, _ := debug.ReadBuildInfo()
	for _, module := range build.Deps {
		if module.Path == "github.com/pion/webrtc/v4" {
			return strings.TrimPrefix(module.Version, "v")
		}
	}
	return ""
}
