# xcodebuild(1) xcrun(1)
tool xcodebuild xcrun
default medium build
flag -scheme,-project,-workspace,-destination,-configuration,-sdk,-derivedDataPath =value
flag -list,-version,-showsdks,-showBuildSettings lowers
flag -exportArchive,-allowProvisioningUpdates high
sub test low test
sub altool,notarytool,stapler critical deploy.release sends a program to Apple
single
