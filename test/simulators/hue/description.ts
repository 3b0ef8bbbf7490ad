/** Who a bridge is and where, as its announcements tell it. */
export interface BridgePlace {
  /** 16 hex digits. */
  bridgeId: string;
  name: string;
  host: string;
  /** Of HTTPS. */
  port: number;
  /** Of plain HTTP. */
  plainPort: number;
}

/** The hardware address inside the bridge's id: 12 hex digits, lower case. */
export const macOf = (bridgeId: string): string => `${bridgeId.slice(0, 6)}${bridgeId.slice(10)}`.toLowerCase();

export const udnOf = (bridgeId: string): string => `uuid:2f402f80-da50-11e1-9b23-${macOf(bridgeId)}`;

/** `/description.xml`, the UPnP description of a bridge (README.md, "Discovery"). */
export const descriptionXml = ({ bridgeId, name, host, plainPort }: BridgePlace): string => `<?xml version="1.0" encoding="UTF-8" ?>
<root xmlns="urn:schemas-upnp-org:device-1-0">
<specVersion>
<major>1</major>
<minor>0</minor>
</specVersion>
<URLBase>http://${host}:${plainPort}/</URLBase>
<device>
<deviceType>urn:schemas-upnp-org:device:Basic:1</deviceType>
<friendlyName>${name} (${host})</friendlyName>
<manufacturer>Signify</manufacturer>
<manufacturerURL>http://www.meethue.com</manufacturerURL>
<modelDescription>Philips hue Personal Wireless Lighting</modelDescription>
<modelName>Philips hue bridge 2015</modelName>
<modelNumber>BSB002</modelNumber>
<modelURL>http://www.meethue.com</modelURL>
<serialNumber>${macOf(bridgeId)}</serialNumber>
<UDN>${udnOf(bridgeId)}</UDN>
<presentationURL>index.html</presentationURL>
<iconList>
<icon>
<mimetype>image/png</mimetype>
<height>48</height>
<width>48</width>
<depth>24</depth>
<url>hue_logo_0.png</url>
</icon>
</iconList>
</device>
</root>
`;
