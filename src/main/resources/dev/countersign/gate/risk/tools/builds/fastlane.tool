# docs.fastlane.tools: lanes of the project
tool fastlane
default medium build
sub lanes,list low
sub deliver,pilot,supply,match,cert,sigh,upload_to_testflight,upload_to_app_store,release,beta,deploy critical deploy.release publishes
args target
