#!/usr/bin/env python3
"""A Secret Service in memory, for tests: prints the bus's address and serves until it is ended. Needs python3-dbus and python3-gi."""
import os
import sys

try:
    import dbus
    import dbus.service
    from dbus.mainloop.glib import DBusGMainLoop
    from gi.repository import GLib
except ImportError:
    sys.exit(0)

SERVICE = "org.freedesktop.Secret.Service"
ITEM = "org.freedesktop.Secret.Item"
COLLECTION = "org.freedesktop.Secret.Collection"
ROOT = "/org/freedesktop/secrets"
NOTHING = dbus.ObjectPath("/")


class Properties(dbus.service.Object):
    def values(self, interface):
        return {}

    @dbus.service.method(dbus.PROPERTIES_IFACE, "ss", "v")
    def Get(self, interface, name):
        return self.values(interface)[name]

    @dbus.service.method(dbus.PROPERTIES_IFACE, "s", "a{sv}")
    def GetAll(self, interface):
        return dbus.Dictionary(self.values(interface), signature="sv")


class Item(Properties):
    def __init__(self, bus, path, label, attributes, secret):
        super().__init__(bus, path)
        self.path, self.label, self.attributes, self.secret = path, label, attributes, secret

    def values(self, interface):
        return {"Locked": False, "Label": self.label, "Attributes": dbus.Dictionary(self.attributes, signature="ss"),
                "Created": dbus.UInt64(0), "Modified": dbus.UInt64(0), "Type": ""}

    @dbus.service.method(ITEM, "o", "(oayays)")
    def GetSecret(self, session):
        return (session, dbus.ByteArray(b""), dbus.ByteArray(self.secret), "text/plain")


class Collection(Properties):
    def __init__(self, bus, path, keyring):
        super().__init__(bus, path)
        self.keyring = keyring

    def values(self, interface):
        return {"Locked": False, "Label": "test", "Items": dbus.Array(list(self.keyring.items), signature="o"),
                "Created": dbus.UInt64(0), "Modified": dbus.UInt64(0)}

    @dbus.service.method(COLLECTION, "a{sv}(oayays)b", "oo")
    def CreateItem(self, properties, secret, replace):
        attributes = {str(k): str(v) for k, v in properties[ITEM + ".Attributes"].items()}
        for path, item in self.keyring.items.items():
            if replace and item.attributes == attributes:
                item.secret = bytes(secret[2])
                return dbus.ObjectPath(path), NOTHING
        path = f"{ROOT}/collection/test/{len(self.keyring.items)}"
        self.keyring.items[path] = Item(self.keyring.bus, path, str(properties[ITEM + ".Label"]), attributes, bytes(secret[2]))
        return dbus.ObjectPath(path), NOTHING


class Keyring(Properties):
    def __init__(self, bus):
        super().__init__(bus, ROOT)
        self.bus, self.items = bus, {}
        self.collection = Collection(bus, ROOT + "/collection/test", self)
        self.alias = Collection(bus, ROOT + "/aliases/default", self)

    def values(self, interface):
        return {"Collections": dbus.Array([ROOT + "/collection/test"], signature="o")}

    @dbus.service.method(SERVICE, "sv", "vo")
    def OpenSession(self, algorithm, value):
        if algorithm != "plain":
            raise dbus.DBusException("plain alone", name="org.freedesktop.DBus.Error.NotSupported")
        return "", dbus.ObjectPath(ROOT + "/session/s1")

    @dbus.service.method(SERVICE, "a{ss}", "aoao")
    def SearchItems(self, attributes):
        wanted = {str(k): str(v) for k, v in attributes.items()}
        found = [path for path, item in self.items.items() if wanted.items() <= item.attributes.items()]
        return dbus.Array(found, signature="o"), dbus.Array([], signature="o")

    @dbus.service.method(SERVICE, "aoo", "a{o(oayays)}")
    def GetSecrets(self, paths, session):
        return dbus.Dictionary({path: dbus.Struct((session, dbus.ByteArray(b""), dbus.ByteArray(self.items[path].secret), "text/plain"),
                                                  signature="oayays") for path in paths}, signature="o(oayays)")

    @dbus.service.method(SERVICE, "ao", "aoo")
    def Unlock(self, paths):
        return paths, NOTHING

    @dbus.service.method(SERVICE, "s", "o")
    def ReadAlias(self, name):
        return dbus.ObjectPath(ROOT + "/collection/test")


DBusGMainLoop(set_as_default=True)
session_bus = dbus.SessionBus()
name = dbus.service.BusName("org.freedesktop.secrets", session_bus)
keyring = Keyring(session_bus)
print(os.environ["DBUS_SESSION_BUS_ADDRESS"], flush=True)
GLib.MainLoop().run()
