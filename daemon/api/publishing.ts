/** Who lets a device send to a phone source, and by which credential, so that its end can end the sending too. */
export interface Publisher {
  via: 'session' | 'token' | 'password';
  /** What others are told of who it is. */
  name: string;
  credential: string;
  /** The only source it may send to; any where it is absent. */
  source?: string;
}

/** The device that sends to a phone source now. */
export interface Holder {
  name: string;
  /** Epoch ms */
  since: number;
}

/** A connection that was agreed on. */
export interface Published {
  /** Names the connection in its address; nobody can guess it. */
  session: string;
  /** Names the ICE session within it (RFC 9725, 4.3.1): changes are made under this condition. */
  etag: string;
  /** SDP */
  answer: string;
}

/**
 * Devices that send their camera and microphone, by WHIP (RFC 9725). Descriptions pass through as text: what they say is read
 * where the media goes.
 */
export interface PublishingApi {
  /**
   * @param request.takeOver whether a device that sends already is to be cut off
   * @throws RoomtoneError `api.unknown_source`, `phone.off`, `phone.busy`, `phone.too_many_offers`, `phone.bad_offer`,
   * `phone.unusable_offer`, `phone.no_answer`, `phone.unsupported`
   */
  begin(publisher: Publisher, request: { source: string; offer: string; takeOver: boolean }): Promise<Published>;
  /**
   * Takes candidates in, or begins another ICE session: then there is a fragment to answer with, and a new `etag`.
   * @param request.condition an entity tag, or `*`
   * @throws RoomtoneError `phone.no_session`, `phone.other_condition`, `phone.bad_fragment`, `phone.no_answer`
   */
  change(
    publisher: Publisher,
    request: { source: string; session: string; condition: string; fragment: string },
  ): Promise<{ etag: string; fragment: string | null }>;
  /** @throws RoomtoneError `phone.no_session` */
  end(publisher: Publisher, request: { source: string; session: string }): Promise<void>;
}
