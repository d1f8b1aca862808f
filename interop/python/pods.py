"""Watches the pods of a namespace over the Kubernetes API, and keeps how their containers ended after they are gone; puts
secrets there."""

import base64
import json
import os
import tempfile
import threading

import requests
import yaml


class Pods:
    def __init__(self, namespace: str):
        self._codes = {}
        self._failure = None
        with open(os.environ["KUBECONFIG"]) as file:
            config = yaml.safe_load(file)
        context = next(one["context"] for one in config["contexts"] if one["name"] == config["current-context"])
        cluster = next(one["cluster"] for one in config["clusters"] if one["name"] == context["cluster"])
        user = next(one["user"] for one in config["users"] if one["name"] == context["user"])
        self._namespace = f"{cluster['server']}/api/v1/namespaces/{namespace}"
        self._url = f"{self._namespace}/pods"
        self._session = requests.Session()
        self._session.trust_env = False  # a machine's own certificates would replace the cluster's
        self._session.verify = self._file(cluster, "certificate-authority") or not cluster.get("insecure-skip-tls-verify")
        certificate = self._file(user, "client-certificate")
        self._session.cert = (certificate, self._file(user, "client-key")) if certificate else None
        if "token" in user:
            self._session.headers["authorization"] = f"Bearer {user['token']}"
        threading.Thread(target=self._watch, daemon=True).start()

    def exit_codes(self) -> dict:
        """The exit codes of containers that have ended, by pod. Raises what ended the watch."""
        if self._failure is not None:
            raise self._failure
        return dict(self._codes)

    def put_secret(self, name: str, values: dict) -> None:
        """Makes a secret of the namespace, or one of that name anew."""
        self._session.delete(f"{self._namespace}/secrets/{name}")
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": values}
        self._session.post(f"{self._namespace}/secrets", json=body).raise_for_status()

    @staticmethod
    def _file(entry: dict, name: str):
        """The path of what a kubeconfig names by path or holds itself."""
        if f"{name}-data" not in entry:
            return entry.get(name)
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(base64.b64decode(entry[f"{name}-data"]))
        return file.name

    def _watch(self):
        try:
            self._watch_on()
        except Exception as error:
            self._failure = error

    def _watch_on(self):
        while True:
            version = self._session.get(self._url).json()["metadata"]["resourceVersion"]
            with self._session.get(self._url, params={"watch": "1", "resourceVersion": version}, stream=True) as response:
                for line in response.iter_lines():
                    event = json.loads(line)
                    if event["type"] == "ERROR":
                        break
                    self._note(event["object"])

    def _note(self, pod: dict):
        for container in pod.get("status", {}).get("containerStatuses", []):
            ended = container["state"].get("terminated")
            if ended is not None:
                self._codes[pod["metadata"]["name"]] = ended["exitCode"]
