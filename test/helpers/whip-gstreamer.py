"""A device that publishes by WHIP and shares no code with any browser: GStreamer's webrtcbin.

whip-gstreamer.py ENDPOINT TOKEN PICTURE

Sends the PNG as a camera would, and a tone as a microphone would, until its standard input ends; then says goodbye. Prints
"published" when the answer is in place.
"""

import sys
import threading
import urllib.request
from urllib.parse import urljoin

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

endpoint, token, picture = sys.argv[1:]
headers = {"Authorization": f"Bearer {token}"}

PIPELINE = f"""
webrtcbin name=web bundle-policy=max-bundle
filesrc location="{picture}" ! pngdec ! imagefreeze is-live=true ! videoconvert ! videoscale
  ! video/x-raw,width=640,height=480,framerate=10/1,pixel-aspect-ratio=1/1
  ! vp8enc deadline=1 keyframe-max-dist=20 ! rtpvp8pay ! application/x-rtp,media=video,encoding-name=VP8,payload=96 ! web.
audiotestsrc is-live=true ! audioconvert ! opusenc ! rtpopuspay
  ! application/x-rtp,media=audio,encoding-name=OPUS,payload=97 ! web.
"""


class Publisher:
    def __init__(self):
        self.loop = GLib.MainLoop()
        self.session = None
        self.pipeline = Gst.parse_launch(PIPELINE)
        self.web = self.pipeline.get_by_name("web")
        self.web.connect("on-negotiation-needed", self.offer)
        self.web.connect("notify::ice-gathering-state", self.gathered)

    def offer(self, web):
        web.emit("create-offer", None, Gst.Promise.new_with_change_func(self.offered, None))

    def offered(self, promise, _):
        # The offer lives as long as what it came in.
        self.reply = promise.get_reply()
        self.web.emit("set-local-description", self.reply.get_value("offer"), None)

    def gathered(self, web, _):
        if self.session is None and web.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            self.session = ""
            GLib.idle_add(self.publish)

    def publish(self):
        offer = self.web.get_property("local-description").sdp.as_text().encode()
        request = urllib.request.Request(endpoint, offer, {**headers, "Content-Type": "application/sdp"}, method="POST")
        with urllib.request.urlopen(request) as response:
            self.session = urljoin(endpoint, response.headers["Location"])
            _, sdp = GstSdp.SDPMessage.new_from_text(response.read().decode())
        answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, sdp)
        self.web.emit("set-remote-description", answer, None)
        print("published", flush=True)

    def end(self):
        sys.stdin.read()
        if self.session:
            urllib.request.urlopen(urllib.request.Request(self.session, headers=headers, method="DELETE")).close()
        self.loop.quit()

    def run(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        threading.Thread(target=self.end, daemon=True).start()
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)


Gst.init(None)
Publisher().run()
