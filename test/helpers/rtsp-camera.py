"""An RTSP camera on loopback that shares no code with ffmpeg: GStreamer's server.

rtsp-camera.py FILE [--login USER PASSWORD] [--mark SECONDS]

Prints its address, serves the H.264 (and AAC, where there is some) of the MP4 or MPEG-TS file as it is, until its standard input
ends. With a mark, it prints the time (CLOCK_MONOTONIC, ms) at which a client is sent what lies so far into the film.
"""

import argparse
import subprocess
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402


def pipeline(path):
    probe = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0", path]
    tracks = subprocess.run(probe, capture_output=True, text=True, check=True).stdout
    # The pads of tsdemux are named after the film's own numbers: any fits, as such films are silent here.
    demux, video = ("tsdemux", "") if path.endswith(".ts") else ("qtdemux", "video_0")
    parts = [f'filesrc location="{path}" ! {demux} name=demux']
    parts.append(f"demux.{video} ! queue ! h264parse config-interval=1 ! rtph264pay name=pay0 pt=96")
    if "audio" in tracks:
        parts.append("demux.audio_0 ! queue ! aacparse ! rtpmp4gpay name=pay1 pt=97")
    return "( " + " ".join(parts) + " )"


def require_login(server, factory, user, password):
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)
    role = "viewer, media.factory.access=(boolean)true, media.factory.construct=(boolean)true;"
    factory.add_role_from_structure(Gst.Structure.from_string(role)[0])


def tell_mark(media, seconds):
    def look(pad, info):
        if info.get_buffer().pts < seconds * Gst.SECOND:
            return Gst.PadProbeReturn.OK
        print(time.monotonic() * 1000, flush=True)
        return Gst.PadProbeReturn.REMOVE

    payloader = media.get_element().get_by_name("pay0")
    payloader.get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, look)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--login", nargs=2)
    parser.add_argument("--mark", type=float)
    options = parser.parse_args()

    Gst.init(None)
    server = GstRtspServer.RTSPServer.new()
    server.set_address("127.0.0.1")
    server.set_service("0")
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(pipeline(options.file))
    # A pipeline for each client: one that two of them share aborts now and then while both connect (gst_rtsp_media_get_rates).
    factory.set_shared(False)
    server.get_mount_points().add_factory("/cam", factory)
    if options.login:
        require_login(server, factory, *options.login)
    if options.mark is not None:
        factory.connect("media-configure", lambda _, media: tell_mark(media, options.mark))
    server.attach(None)
    print(f"rtsp://127.0.0.1:{server.get_bound_port()}/cam", flush=True)

    loop = GLib.MainLoop()
    threading.Thread(target=lambda: (sys.stdin.read(), loop.quit()), daemon=True).start()
    loop.run()


main()
