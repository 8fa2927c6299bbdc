"""What clients of the shipped APIs do: submit, poll to the end, download, list, cancel, and meet refusals."""

from __future__ import annotations

from observed_kit import Client

from mockserver.samples import upload

KEY = {"x-api-key": "demo-key"}


def vidgen(client: Client) -> None:
    files = {"image": upload("portrait.png"), "audio": upload("voice.mp3")}
    client.ask("GET", "/api/health")
    job = client.ask("POST", "/api/jobs", headers=KEY, files=files).json()["jobId"]
    client.ask("POST", "/api/jobs", headers=KEY, files=files)  # one at a time
    done = client.poll(f"/api/status/{job}", "status", headers=KEY)
    client.ask("GET", done["outputVideo"])
    client.ask("POST", f"/api/jobs/{job}/cancel", headers=KEY)  # too late
    other = client.ask("POST", "/api/jobs", headers=KEY, files=files).json()["jobId"]
    client.ask("DELETE", f"/api/jobs/{other}", headers=KEY)
    client.ask("GET", f"/api/status/{other}", headers=KEY)
    client.ask("GET", "/api/jobs", headers=KEY)
    client.ask("GET", "/api/status/nobody", headers=KEY)
    client.ask("GET", f"/api/status/{job}")
    client.ask("GET", f"/api/status/{job}", headers={"x-api-key": "another"})
    client.ask("POST", "/api/jobs", headers=KEY, files={"image": files["image"]})


def miragic(client: Client) -> None:
    form = {"quality": "hd", "sequence": "auto", "fps": "30", "hand_style": "1"}
    path, image = "/api/v1/speed-painting", {"image": upload("portrait.png")}
    job = client.ask("POST", f"{path}/create", headers=KEY, data=form, files=image).json()["data"]["jobId"]
    done = client.poll(f"{path}/jobs/{job}", "data/status", headers=KEY)
    client.ask("GET", done["data"]["processedVideoUrl"])
    client.ask("GET", f"{path}/jobs/0b5fb3c5-3b1c-4a44-8d0b-3c7e6f2f6c11", headers=KEY)
    client.ask("GET", f"{path}/jobs/{job}")
    client.ask("POST", f"{path}/create", headers=KEY, data={**form, "quality": "odd"}, files=image)


def mirrago(client: Client) -> None:
    grant = {"client_id": "demo-client", "client_secret": "demo-secret", "grant_type": "client_credentials"}
    token = client.ask("POST", "/oauth/token", json=grant).json()["access_token"]
    client.ask("POST", "/oauth/token", json={**grant, "client_secret": "a-wrong-one"})
    key = {"authorization": f"Bearer {token}"}
    wanted = {
        "target_image_url": "https://cdn.acme.example/a.jpg",
        "garment_image_url": "https://cdn.acme.example/b.png",
    }
    job = client.ask("POST", "/v1/mirrago/generate-image", headers=key, json=wanted).json()["job_id"]
    done = client.poll(f"/v1/mirrago/job/{job}", "status", headers=key)
    client.ask("GET", done["result_url"])
    client.ask("GET", f"/v1/getJobStatus/{job}", headers=key)
    client.ask("GET", "/v1/mirrago/job/0b5fb3c5-3b1c-4a44-8d0b-3c7e6f2f6c11", headers=key)
    client.ask("GET", f"/v1/mirrago/job/{job}")
    client.ask("POST", "/v1/mirrago/generate-image", headers=key, json={})


def miraflow(client: Client) -> None:
    name, data, kind = upload("portrait.png")
    avatar = client.ask("GET", "/api/avatars", headers=KEY).json()["avatars"][0]["id"]
    voice = client.ask("GET", "/api/voices", headers=KEY).json()["avatars"][0]["id"]
    said = {"avatarId": avatar, "voiceId": voice, "name": "A film", "text": "This is what is said in it."}
    job = client.ask("POST", "/api/video/create", headers=KEY, json=said).json()["jobId"]
    client.poll(f"/api/video/{job}/status", "status", headers=KEY)
    done = client.ask("GET", f"/api/video/{job}", headers=KEY).json()
    client.ask("GET", done["downloadUrl"])
    client.ask("GET", f"/api/video/{job}/download", headers=KEY)
    client.ask("GET", "/api/videos", headers=KEY)
    image = client.ask("POST", "/api/image/generate", headers=KEY, json={"prompt": "A cat", "name": "Cat"}).json()[
        "jobId"
    ]
    client.poll(f"/api/image/{image}", "status", headers=KEY)
    begin = {"fileName": name, "contentType": kind, "fileSize": len(data)}
    media = client.ask("POST", "/api/media/initialize", headers=KEY, json=begin).json()
    client.ask("POST", "/api/media/finalize", headers=KEY, json={"mediaId": media["mediaId"]})  # too early
    client.ask("PUT", media["uploadUrl"], content=data, headers={"content-type": kind})
    client.ask("POST", "/api/media/finalize", headers=KEY, json={"mediaId": media["mediaId"]})
    edit = {"referenceImageMediaId": media["mediaId"], "prompt": "In oil, please", "name": "An edit"}
    edited = client.ask("POST", "/api/image/edit", headers=KEY, json=edit).json()["jobId"]
    client.poll(f"/api/image/{edited}", "status", headers=KEY)
    client.ask("GET", "/api/video/nobody/status", headers=KEY)
    client.ask("GET", "/api/avatars")
    client.ask("POST", "/api/image/generate", headers=KEY, json={"name": "Cat"})


SHIPPED = {"vidgen": vidgen, "miragic": miragic, "mirrago": mirrago, "miraflow": miraflow}
